"""What lies between the channels and the agencies: how far each stage is, what was put aside, tickets and processes."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import About, Panel, Query, assembled, lines, number, rows

COUNT, SECONDS, RATE, BYTES, SHARE = "short", "s", "ops", "bytes", "percentunit"
WINDOW = "$__rate_interval"


def dashboard() -> Dashboard:
    """Read from top to bottom: flow, faults, judgement, tickets, ledger, processes."""
    return assembled(
        "gateway-pipeline",
        "1022 · Pipeline",
        (
            ("Flow · Luồng", _flow()),
            ("Faults · Lỗi", _faults()),
            ("Judgement · Phân loại", _judgement()),
            ("Tickets · Phiếu", _tickets()),
            ("Ledger and spool · Đối soát", _ledger()),
            ("Processes · Tiến trình", _processes()),
        ),
    )


def _flow() -> list[Panel]:
    return [
        lines(
            About("Handled", "Bản ghi xử lý mỗi giây theo công đoạn.", RATE),
            Query("stage:gateway_handled:rate5m", "{{stage}}"),
        ),
        lines(
            About("Oldest unprocessed", "Tuổi của bản ghi chờ lâu nhất.", SECONDS, "MessagesWait"),
            Query('max by (group) (gateway_oldest_unprocessed_seconds{topic!="media.waiting"})', "{{group}}"),
        ),
        lines(
            About("Stuck", "Bản ghi nằm chờ quá lâu.", SECONDS, "MessagesStuck"),
            Query("max by (group, topic) (gateway_oldest_unprocessed_seconds)", "{{group}} {{topic}}"),
        ),
        lines(
            About("Lag", "Số bản ghi chờ, theo nhóm và topic.", COUNT),
            Query("max by (group, topic) (gateway_lag_messages)", "{{group}} {{topic}}"),
        ),
        lines(
            About("Age when finished, p95", "Tuổi bản ghi khi công đoạn làm xong.", SECONDS),
            Query(
                f"histogram_quantile(0.95, sum by (stage, le) (rate(gateway_stage_seconds_bucket[{WINDOW}])))",
                "{{stage}}",
            ),
        ),
        lines(
            About("Receipt to agency", "Từ lúc nhận đến hàng đợi của cơ quan.", SECONDS, "TransfersSlow"),
            Query("gateway_received_to_transfer_seconds:p50_10m", "p50"),
            Query(
                "histogram_quantile(0.95, sum by (le) (rate(gateway_received_to_transfer_seconds_bucket[10m])))", "p95"
            ),
        ),
        number(
            About("Figures gathered ago", "Số liệu được lấy cách đây bao lâu.", SECONDS, "FiguresStale"),
            Query("time() - max by (what) (gateway_watched_timestamp_seconds)", "{{what}}"),
            span=12,
        ),
        number(
            About("Due times published in an hour", "Mốc hạn đã phát trong một giờ.", COUNT),
            Query("sum(increase(gateway_timers_fired_total[1h]))", "timers"),
            span=12,
        ),
    ]


def _faults() -> list[Panel]:
    return [
        number(
            About("Stages halted", "1: công đoạn đã dừng vì phần lớn bản ghi hỏng.", COUNT, "StageHalted"),
            Query("max by (stage) (gateway_stage_halted)", "{{stage}}"),
            span=12,
        ),
        number(
            About("Dead letters waiting", "Bản ghi bị gác lại, chờ người xem.", COUNT, "DeadLettersWait"),
            Query("max(gateway_dead_letters_waiting)", "waiting"),
            span=6,
        ),
        number(
            About("Places left empty in an hour", "Bản ghi mất dấu với điều phối viên.", COUNT, "PlaceLeftEmpty"),
            Query('sum(increase(gateway_stubs_total{state="failed"}[1h]))', "empty"),
            span=6,
        ),
        lines(
            About("Put aside", "Bản ghi bị gác lại mỗi giây, theo lý do.", RATE),
            Query(f"sum by (stage, reason) (rate(gateway_dead_letters_total[{WINDOW}]))", "{{stage}} {{reason}}"),
            span=12,
        ),
        lines(
            About("Restarts in 15 min", "Số lần công đoạn khởi động lại.", COUNT, "StageRestarts"),
            Query("sum by (stage) (increase(gateway_stage_restarts_total[15m]))", "{{stage}}"),
            span=12,
        ),
    ]


def _judgement() -> list[Panel]:
    return [
        lines(
            About("Fields", "Lĩnh vực theo Điều 4.", RATE),
            Query(f"sum by (label) (rate(gateway_judgements_total[{WINDOW}]))", "{{label}}"),
            stacked=True,
        ),
        lines(
            About("Outcomes", "Kết quả.", RATE),
            Query(f"sum by (outcome) (rate(gateway_judgements_total[{WINDOW}]))", "{{outcome}}"),
            stacked=True,
        ),
        lines(
            About("Languages", "Ngôn ngữ.", RATE),
            Query(f"sum by (language) (rate(gateway_judgements_total[{WINDOW}]))", "{{language}}"),
            stacked=True,
        ),
    ]


def _tickets() -> list[Panel]:
    return [
        rows(
            About("Open by agency", "Phiếu chưa trả lời theo cơ quan và hạn.", COUNT),
            Query("max by (agency, due) (gateway_open_tickets) > 0"),
            span=12,
        ),
        lines(
            About("Overdue by agency", "Phiếu quá hạn theo cơ quan.", COUNT, "TicketsOverdue"),
            Query('max by (agency) (gateway_open_tickets{due="overdue"})', "{{agency}}"),
            span=6,
        ),
        lines(
            About("Steps", "Bước trong đời phiếu, mỗi giây.", RATE),
            Query(f"sum by (step) (rate(gateway_ticket_steps_total[{WINDOW}]))", "{{step}}"),
            span=6,
        ),
    ]


def _ledger() -> list[Panel]:
    return [
        lines(
            About("Ledger", "Đã nhận = có kết quả + đang xử lý.", COUNT),
            Query("sum(max by (channel) (gateway_ledger_received))", "received"),
            Query("sum(max by (channel) (gateway_ledger_outcomes))", "outcomes"),
            Query("sum(max by (channel) (gateway_ledger_in_flight))", "in flight"),
            span=6,
        ),
        lines(
            About("Unaccounted", "Tin mất dấu, theo kênh: phải bằng 0.", COUNT, "MessagesUnaccounted"),
            Query("max by (channel) (gateway_ledger_unaccounted)", "{{channel}}"),
            span=6,
        ),
        lines(
            About("Oldest in flight", "Tin đang xử lý lâu nhất, theo kênh.", SECONDS),
            Query("max by (channel) (gateway_ledger_oldest_in_flight_seconds)", "{{channel}}"),
            span=6,
        ),
        lines(
            About("Reconciled", "Cam kết được phát lại vì chưa tới nơi.", COUNT, "CommitsReconciled"),
            Query("sum by (stage) (increase(gateway_reconciled_total[1d]))", "{{stage}}"),
            span=6,
        ),
        lines(
            About("Spool", "Tin giữ ở biên.", COUNT, "SpoolInUse"),
            Query("max by (instance) (gateway_spool_messages)", "{{instance}}"),
            span=6,
        ),
        lines(
            About("Oldest in the spool", "Tin giữ ở biên lâu nhất.", SECONDS, "SpoolOld"),
            Query("max by (instance) (gateway_spool_oldest_seconds)", "{{instance}}"),
            span=6,
        ),
    ]


def _processes() -> list[Panel]:
    return [
        lines(
            About("Memory", "Bộ nhớ của từng tiến trình.", BYTES),
            Query('process_resident_memory_bytes{job="gateway"}', "{{instance}}"),
        ),
        lines(
            About("CPU", "CPU: 1 là một lõi.", SHARE),
            Query(f'rate(process_cpu_seconds_total{{job="gateway"}}[{WINDOW}])', "{{instance}}"),
        ),
        lines(
            About("Open files", "Tệp đang mở so với giới hạn.", SHARE),
            Query('process_open_fds{job="gateway"} / process_max_fds', "{{instance}}"),
        ),
        lines(
            About("Starts in 30 min", "Số lần tiến trình khởi động lại.", COUNT, "GatewayRestarts"),
            Query('changes(process_start_time_seconds{job="gateway"}[30m])', "{{instance}}"),
        ),
        lines(
            About("Disk free", "Đĩa còn trống so với phần dự trữ.", COUNT, "DiskFull"),
            Query("min by (instance) (gateway_disk_free_bytes / gateway_disk_reserve_bytes)", "{{instance}}"),
        ),
        lines(
            About("Bus away", "Tiến trình không liên lạc được với bus trong bao lâu.", SECONDS),
            Query("max by (instance) (gateway_bus_away_seconds)", "{{instance}}"),
        ),
        rows(
            About("Builds", "Phiên bản đang chạy.", COUNT),
            Query("gateway_build_info"),
        ),
    ]
