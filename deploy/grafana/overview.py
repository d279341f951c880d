"""The screen on the wall: is every channel alive, is anything old, is a promise about to be broken."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import About, Panel, Query, assembled, lines, number, rows

UNIT_COUNT, UNIT_SECONDS, UNIT_RATE, UNIT_SHARE = "short", "s", "reqps", "percentunit"


def dashboard() -> Dashboard:
    """Green is quiet; red names its page of the runbook."""
    return assembled(
        "gateway-overview",
        "1022 · Overview",
        (
            ("Alarms · Cảnh báo", _alarms()),
            ("Promises · Lời hứa với người dân", _promises()),
            ("Flow · Luồng phản ánh", _flow()),
        ),
    )


def _alarms() -> list[Panel]:
    return [
        number(
            About("Alarms", "Số cảnh báo đang bật; danh sách ở bên cạnh.", UNIT_COUNT),
            Query('count(ALERTS{alertstate="firing", severity!="info"}) or vector(0)', "firing"),
            span=3,
        ),
        rows(
            About(
                "What is wrong", "Cảnh báo đang bật: tìm tên trong docs/runbook.md để biết việc cần làm.", UNIT_COUNT
            ),
            Query('ALERTS{alertstate="firing"}'),
            span=9,
        ),
        number(
            About("Services", "Dịch vụ nào không trả lời thì bằng 0.", UNIT_COUNT, "GatewayDown"),
            Query('up{job="gateway"}', "{{instance}}"),
            span=6,
        ),
        number(
            About("Channels needing a person", "Kênh cần người xử lý.", UNIT_COUNT, "ChannelNeedsPerson"),
            Query("max by (channel, what) (gateway_channel_alarm)", "{{channel}} {{what}}"),
            span=6,
        ),
    ]


def _promises() -> list[Panel]:
    return [
        number(
            About("Tickets overdue", "Phiếu đã quá hạn theo Điều 10.", UNIT_COUNT, "TicketsOverdue"),
            Query('sum(max by (agency) (gateway_open_tickets{due="overdue"}))', "overdue"),
        ),
        number(
            About("Tickets due soon", "Phiếu còn dưới hai giờ làm việc.", UNIT_COUNT),
            Query('sum(max by (agency) (gateway_open_tickets{due="due_soon"}))', "due soon"),
        ),
        number(
            About(
                "Waiting for an agency", "Phiếu chờ điều phối viên chọn cơ quan.", UNIT_COUNT, "TicketsWithoutAgency"
            ),
            Query('sum(max by (due) (gateway_open_tickets{agency="none"}))', "no agency"),
        ),
        number(
            About("Emergencies in the last hour", "Phản ánh khẩn cấp trong một giờ qua.", UNIT_COUNT),
            Query("sum(increase(gateway_alerts_total[1h]))", "emergencies"),
        ),
        number(
            About("Oldest reply waiting", "Tin trả lời chờ gửi lâu nhất.", UNIT_SECONDS, "RepliesWait"),
            Query("max(gateway_outbox_oldest_seconds)", "oldest"),
        ),
        number(
            About("Replies unknown", "Tin trả lời chưa rõ đã đến hay chưa.", UNIT_COUNT, "RepliesUnknown"),
            Query('sum(max by (channel) (gateway_outbox_parts{state="unknown"}))', "unknown"),
        ),
    ]


def _flow() -> list[Panel]:
    return [
        number(
            About("Oldest message", "Bản ghi chờ xử lý lâu nhất.", UNIT_SECONDS, "MessagesWait"),
            Query('max(gateway_oldest_unprocessed_seconds{topic!="media.waiting"})', "oldest"),
        ),
        number(
            About("Dead letters waiting", "Bản ghi bị gác lại, chờ người xem.", UNIT_COUNT, "DeadLettersWait"),
            Query("max(gateway_dead_letters_waiting)", "waiting"),
        ),
        number(
            About(
                "Unaccounted", "Tin đã nhận mà không thấy kết quả: phải luôn bằng 0.", UNIT_COUNT, "MessagesUnaccounted"
            ),
            Query("sum(max by (channel) (gateway_ledger_unaccounted))", "unaccounted"),
        ),
        number(
            About("In the spool", "Tin đang giữ ở biên, chờ bus.", UNIT_COUNT, "SpoolInUse"),
            Query("sum(gateway_spool_messages)", "spool"),
        ),
        number(
            About("Turned away in 5 min", "Yêu cầu bị trả 503 trong năm phút.", UNIT_COUNT, "MessagesTurnedAway"),
            Query("sum by (channel) (increase(gateway_turned_away_total[5m]))", "{{channel}}"),
        ),
        number(
            About("Disk free", "Phần đĩa còn trống.", UNIT_SHARE, "DiskFilling"),
            Query("min(gateway_disk_free_bytes / gateway_disk_size_bytes)", "free"),
        ),
        lines(
            About("Received", "Tin nhận được mỗi giây theo kênh.", UNIT_RATE),
            Query("channel:gateway_received:rate5m", "{{channel}}"),
            span=12,
            stacked=True,
        ),
        lines(
            About("Outcomes", "Kết quả xử lý mỗi giây.", UNIT_RATE),
            Query("sum by (outcome) (channel_outcome:gateway_outcomes:rate5m)", "{{outcome}}"),
            span=12,
            stacked=True,
        ),
    ]
