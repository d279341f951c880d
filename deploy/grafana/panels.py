"""The kinds of panels that the dashboards are made of: one look, and always a unit, a description and thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from grafana_foundation_sdk.builders import common, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import common as shown
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.alerts import bound, runbook

DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
REFRESH = "15s"
GREEN, RED, NEUTRAL = "green", "red", "text"
LINES_HEIGHT, NUMBER_HEIGHT = 8, 5
NEXT_FLOAT = 1e-9
"""Grafana turns red at a threshold, an alert fires beyond it: a count of 0 must not be red where the alert says > 0."""

Panel = timeseries.Panel | stat.Panel | table.Panel


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and how its series are named."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What every panel says of itself: `vietnamese` is a short sentence for the operations team.

    `alert` is the alert that the panel belongs to: its number is the threshold, its page of the runbook is named.
    """

    title: str
    vietnamese: str
    unit: str
    alert: str = ""

    @property
    def description(self) -> str:
        """For the panel's information sign."""
        return f"{self.vietnamese} Khi đỏ: {runbook(self.alert)}" if self.alert else self.vietnamese

    @property
    def thresholds(self) -> build.ThresholdsConfig:
        """Green and red on the sides where the alert is quiet and fires; without an alert no colour."""
        made = build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE)
        if not self.alert:
            return made.steps([model.Threshold(value=None, color=NEUTRAL)])
        limit = bound(self.alert)
        low, high = (GREEN, RED) if limit.above else (RED, GREEN)
        value = limit.value + NEXT_FLOAT if limit.above else limit.value
        return made.steps([model.Threshold(value=None, color=low), model.Threshold(value=value, color=high)])


def lines(about: About, *queries: Query, span: int = 8, stacked: bool = False) -> timeseries.Panel:
    """Series over time."""
    panel = (
        timeseries.Panel()
        .title(about.title)
        .description(about.description)
        .datasource(DATASOURCE)
        .unit(about.unit)
        .thresholds(about.thresholds)
        .min(0)
        .span(span)
        .height(LINES_HEIGHT)
        .legend(
            common.VizLegendOptions()
            .display_mode(shown.LegendDisplayMode.LIST)
            .placement(shown.LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
        )
        .tooltip(common.VizTooltipOptions().mode(shown.TooltipDisplayMode.MULTI).sort(shown.SortOrder.DESCENDING))
    )
    if about.alert:
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(shown.GraphThresholdsStyleMode.DASHED))
    if stacked:
        panel = panel.fill_opacity(30).stacking(common.StackingConfig().mode(shown.StackingMode.NORMAL))
    for ref, query in zip("ABCDEF", queries, strict=False):
        panel = panel.with_target(_target(query, ref))
    return panel


def number(about: About, *queries: Query, span: int = 4, decimals: int = 0) -> stat.Panel:
    """The latest values, large, on the colour that they have."""
    panel = (
        stat.Panel()
        .title(about.title)
        .description(about.description)
        .datasource(DATASOURCE)
        .unit(about.unit)
        .decimals(decimals)
        .thresholds(about.thresholds)
        .color_mode(shown.BigValueColorMode.BACKGROUND if about.alert else shown.BigValueColorMode.VALUE)
        .graph_mode(shown.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .span(span)
        .height(NUMBER_HEIGHT)
    )
    for ref, query in zip("ABCDEF", queries, strict=False):
        panel = panel.with_target(_target(query, ref))
    return panel


def rows(about: About, query: Query, *, span: int = 8) -> table.Panel:
    """The latest value of each series, a row each, with its labels."""
    return (
        table.Panel()
        .title(about.title)
        .description(about.description)
        .datasource(DATASOURCE)
        .unit(about.unit)
        .thresholds(about.thresholds)
        .span(span)
        .height(LINES_HEIGHT)
        .with_target(_target(query, "A").instant().format(PromQueryFormat.TABLE))
    )


def assembled(
    uid: str, title: str, sections: Sequence[tuple[str, Sequence[Panel]]], *, by_channel: bool = False
) -> build.Dashboard:
    """A dashboard out of headed rows of panels; ids count from 1, so that the same code gives the same file."""
    board = (
        build.Dashboard(title)
        .uid(uid)
        .tags(["gateway-1022"])
        .refresh(REFRESH)
        .time("now-6h", "now")
        .timezone("Asia/Ho_Chi_Minh")
        .readonly()
        .with_variable(build.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    if by_channel:
        board = board.with_variable(_channel())
    ids = count(1)
    for heading, panels in sections:
        board = board.with_row(build.Row(heading).id(next(ids)))
        for panel in panels:
            board = board.with_panel(panel.id(next(ids)))
    return board


def _channel() -> build.QueryVariable:
    every = model.VariableOption(selected=True, text="All", value="$__all")
    return (
        build.QueryVariable("channel")
        .label("Kênh / channel")
        .datasource(DATASOURCE)
        .query("label_values(gateway_received_total, channel)")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".+")
        .current(every)
    )


def _target(query: Query, ref: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expr)
        .legend_format(query.legend or "__auto")
        .datasource(DATASOURCE)
        .ref_id(ref)
    )
