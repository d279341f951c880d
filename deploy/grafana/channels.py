"""One channel at a time: what comes in and how it is answered, what goes out, and whether the platform lets us."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import About, Panel, Query, assembled, lines, number

COUNT, SECONDS, RATE, BYTES = "short", "s", "reqps", "Bps"
CHOSEN = 'channel=~"$channel"'
WINDOW = "$__rate_interval"


def dashboard() -> Dashboard:
    """For the channels chosen at the top."""
    return assembled(
        "gateway-channels",
        "1022 · Channels",
        (
            ("In · Tin đến", _arriving()),
            ("Out · Tin trả lời", _leaving()),
            ("Access · Quyền truy cập", _access()),
            ("Attachments · Tệp đính kèm", _attachments()),
        ),
        by_channel=True,
    )


def _arriving() -> list[Panel]:
    return [
        lines(
            About("Received", "Tin nhận được mỗi giây.", RATE),
            Query(
                f"sum by (channel, intake) (rate(gateway_received_total{{{CHOSEN}}}[{WINDOW}]))",
                "{{channel}} {{intake}}",
            ),
        ),
        lines(
            About("Refused", "Yêu cầu bị từ chối, theo lý do.", RATE),
            Query(
                f"sum by (channel, reason) (rate(gateway_refused_total{{{CHOSEN}}}[{WINDOW}]))",
                "{{channel}} {{reason}}",
            ),
        ),
        lines(
            About("Bad signatures in 10 min", "Yêu cầu sai chữ ký trong mười phút.", COUNT, "SignaturesFail"),
            Query(
                f'sum by (channel) (increase(gateway_refused_total{{{CHOSEN}, reason="bad_signature"}}[10m]))',
                "{{channel}}",
            ),
        ),
        lines(
            About("Acknowledged within", "Thời gian trả lời nền tảng: p50 và p99.", SECONDS, "AcknowledgementsSlow"),
            Query(f"channel:gateway_acknowledge_seconds:p99_5m{{{CHOSEN}}}", "{{channel}} p99"),
            Query(
                "histogram_quantile(0.5, sum by (channel, le) "
                f"(rate(gateway_acknowledge_seconds_bucket{{{CHOSEN}}}[5m])))",
                "{{channel}} p50",
            ),
        ),
        lines(
            About("Turned away in 5 min", "Yêu cầu bị trả 503.", COUNT, "MessagesTurnedAway"),
            Query(f"sum by (channel) (increase(gateway_turned_away_total{{{CHOSEN}}}[5m]))", "{{channel}}"),
        ),
        lines(
            About("Passed over", "Sự kiện không phải phản ánh, theo lý do.", RATE),
            Query(
                f"sum by (channel, reason) (rate(gateway_ignored_total{{{CHOSEN}}}[{WINDOW}]))",
                "{{channel}} {{reason}}",
            ),
        ),
        lines(
            About("Outcomes", "Kết quả theo kênh.", RATE),
            Query(f"channel_outcome:gateway_outcomes:rate5m{{{CHOSEN}}}", "{{channel}} {{outcome}}"),
            span=12,
        ),
        lines(
            About("Mails not taken", "Thư không lấy được hoặc bị cắt, trong một giờ.", COUNT, "MailsNotTaken"),
            Query("sum by (outcome) (increase(gateway_mails_total[1h]))", "{{outcome}}"),
            span=12,
        ),
    ]


def _leaving() -> list[Panel]:
    return [
        lines(
            About("Replies in an hour", "Tin trả lời trong một giờ, theo kết cục.", COUNT),
            Query(
                f"sum by (channel, state) (increase(gateway_replies_total{{{CHOSEN}}}[1h]))", "{{channel}} {{state}}"
            ),
        ),
        lines(
            About("Failed in an hour", "Tin trả lời hỏng hẳn trong một giờ.", COUNT, "RepliesFail"),
            Query(f'sum by (channel) (increase(gateway_replies_total{{{CHOSEN}, state="failed"}}[1h]))', "{{channel}}"),
        ),
        lines(
            About("Outbox", "Tin trong hộp gửi, theo trạng thái.", COUNT),
            Query(
                f'max by (channel, state) (gateway_outbox_parts{{{CHOSEN}, state!="sent"}})',
                "{{channel}} {{state}}",
            ),
        ),
        lines(
            About("Oldest reply waiting", "Tin chờ gửi lâu nhất.", SECONDS, "RepliesWait"),
            Query(f"max by (channel) (gateway_outbox_oldest_seconds{{{CHOSEN}}})", "{{channel}}"),
        ),
        number(
            About("Paused", "1: kênh tạm ngừng gửi.", COUNT, "ChannelPaused"),
            Query(f"max by (channel) (gateway_channel_paused{{{CHOSEN}}})", "{{channel}}"),
            span=8,
        ),
        lines(
            About("Charged messages in a day", "Tin mà nền tảng tính phí, trong một ngày.", COUNT),
            Query(f"sum by (channel) (increase(gateway_charged_messages_total{{{CHOSEN}}}[1d]))", "{{channel}}"),
        ),
    ]


def _access() -> list[Panel]:
    return [
        number(
            About("Needs a person", "Kênh cần người xử lý: chạy gateway channels.", COUNT, "ChannelNeedsPerson"),
            Query(f"max by (channel, what) (gateway_channel_alarm{{{CHOSEN}}})", "{{channel}} {{what}}"),
            span=6,
        ),
        number(
            About("Token life", "Thời gian còn lại của mã truy cập.", SECONDS, "TokenEnds"),
            Query(f"min by (channel) (gateway_token_expires_timestamp_seconds{{{CHOSEN}}}) - time()", "{{channel}}"),
            span=6,
        ),
        number(
            About("Mailbox watched", "1: hộp thư đang được theo dõi.", COUNT, "MailboxUnwatched"),
            Query("max by (folder) (gateway_mailbox_connected)", "{{folder}}"),
        ),
        number(
            About("Mail server silent for", "Thời gian từ lần cuối máy chủ thư trả lời.", SECONDS, "MailboxSilent"),
            Query("time() - max by (folder) (gateway_mailbox_contact_timestamp_seconds)", "{{folder}}"),
        ),
        number(
            About("Logins refused in an hour", "Số lần đăng nhập hộp thư bị từ chối.", COUNT),
            Query("sum by (folder) (increase(gateway_mailbox_login_failures_total[1h]))", "{{folder}}"),
        ),
    ]


def _attachments() -> list[Panel]:
    return [
        lines(
            About("Stored", "Tệp đã lưu mỗi giây.", RATE),
            Query(
                f'sum by (channel) (rate(gateway_media_total{{{CHOSEN}, outcome="stored"}}[{WINDOW}]))', "{{channel}}"
            ),
            span=6,
        ),
        lines(
            About("Lost in an hour", "Tệp không lấy được trong một giờ, theo lý do.", COUNT, "AttachmentsLost"),
            Query(
                f'sum by (channel, outcome) (increase(gateway_media_total{{{CHOSEN}, outcome!="stored"}}[1h]))',
                "{{channel}} {{outcome}}",
            ),
            span=6,
        ),
        lines(
            About("Tried again", "Tệp phải lấy lại.", RATE),
            Query(
                f"sum by (channel, reason) (rate(gateway_media_waiting_total{{{CHOSEN}}}[{WINDOW}]))",
                "{{channel}} {{reason}}",
            ),
            span=6,
        ),
        lines(
            About("Bytes stored", "Dung lượng tệp lưu mỗi giây.", BYTES),
            Query(f"sum by (channel) (rate(gateway_media_bytes_total{{{CHOSEN}}}[{WINDOW}]))", "{{channel}}"),
            span=6,
        ),
    ]
