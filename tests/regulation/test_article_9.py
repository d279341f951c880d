"""Điều 9: who gets a matter, when a person decides first, and what happens when competence is unclear."""

from datetime import timedelta

from gateway.domain.province import Province
from schemas.conversation import Decided
from schemas.ticket_history import Held, Transferred
from schemas.vocabulary import Intake, Label, OutcomeKind, TransferRole
from services.dispatcher.life_cycle import on_ticket, on_timer
from services.dispatcher.ticket_state import State, empty
from services.normalizer.settle import Rules
from tests.unit.dialogue import Dialogue
from tests.unit.test_ticket_life_cycle import NOW, a_ticket, due, folded, moment, only

DANGER = "Dây điện đứt rơi xuống đường trước trường tiểu học xã Tân Lập, trẻ con đi lại rất nguy hiểm, sửa gấp giúp"


def test_9_1_operators_are_alerted_of_what_is_urgent_and_it_is_never_rejected(rules: Rules) -> None:
    """Khoản 1: "đối với trường hợp khẩn cấp cần xử lý gấp, Tổng đài viên thực hiện chuyển tiếp"."""
    chat = Dialogue(rules)
    chat.say(DANGER)
    first = chat.of(Decided)[0]
    assert first.urgent
    assert first.alert
    chat.wait(timedelta(hours=80))
    assert all(decided.outcome.kind is not OutcomeKind.REJECTED for decided in chat.of(Decided))


def test_9_3_the_transfer_goes_to_the_focal_officer_with_eight_working_hours(province: Province) -> None:
    """Khoản 3: "chuyển thông tin ghi lưu (phiếu chuyển) ... đến cán bộ đầu mối; trong thời gian 08 giờ làm việc"."""
    event = only(on_ticket(empty(), a_ticket(), moment(province)), Transferred)
    assert isinstance(event, Transferred)
    assert event.role is TransferRole.FOCAL_OFFICER
    assert province.calendar.between(event.at, event.due_at) == timedelta(hours=8)


def test_9_4_an_officer_who_does_not_answer_in_time_is_recorded(province: Province) -> None:
    """Khoản 4: "Trường hợp thời gian vượt quá 08 giờ làm việc, cán bộ đầu mối ... không phản hồi"."""
    state = folded(empty(), on_ticket(empty(), a_ticket(), moment(province)))
    assert state.due_at is not None
    assert folded(state, on_timer(state, due(state, state.due_at))).late


def test_9_6_unclear_competence_waits_for_a_person_with_the_coordinating_agency_proposed(province: Province) -> None:
    """Khoản 6: "chưa rõ thẩm quyền ... chuyển ... đến Sở Thông tin và Truyền thông để xác định, cho ý kiến"."""
    draft = on_ticket(empty(), a_ticket(Label.OTHER, "other"), moment(province))
    held = only(draft, Held)
    assert isinstance(held, Held)
    assert held.proposed == province.role("coordinating_agency", province.day(NOW)).code
    assert folded(empty(), draft).state is State.HELD


def test_9_2_a_form_within_an_agencys_field_needs_no_operator(rules: Rules, province: Province) -> None:
    """Khoản 2: "chuyển ngay ... cho công chức, viên chức, nhân viên đầu mối tiếp nhận"."""
    form = Dialogue(rules, intake=Intake.FORM)
    text = "Mất điện cả ấp 3 xã Tân Hưng huyện Hớn Quản từ tối qua đến giờ chưa có điện lại."
    form.say(f"{text} Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản.")
    ticket = form.tickets[0].ticket
    event = only(on_ticket(empty(), ticket, moment(province, form.now)), Transferred)
    assert isinstance(event, Transferred)
    agency = province.agency(event.agency, province.day(form.now))
    assert agency is not None
