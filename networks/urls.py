from django.urls import path

from networks import room_urls
from networks.views import (
    approvals,
    basis,
    basis_versions,
    catalogue,
    consultation,
    directions,
    enrolment,
    lifecycle,
    members,
    network,
)

app_name = "networks"

urlpatterns = [
    # Kurs
    path("kurs/", directions.directions, name="directions"),
    path("kurs/ny/", directions.new_direction, name="new_direction"),
    path("kurs/<int:pk>/", directions.direction, name="direction"),
    path("kurs/<int:pk>/rediger/", directions.edit_direction, name="edit_direction"),
    path("kurs/<int:pk>/send/", directions.submit_direction, name="submit_direction"),
    path("kurs/<int:pk>/knyt/", directions.renew_directions, name="renew_directions"),
    path("netvaerk/<slug:slug>/kurs/", directions.renew_direction, name="renew_direction"),
    path("kurs/<int:pk>/godkend/<str:kind>/", directions.approve_direction, name="approve_direction"),
    # Høring
    path("netvaerk/<slug:slug>/grundlag/hoering/", consultation.prepare, name="prepare_consultation"),
    path("netvaerk/<slug:slug>/grundlag/hoering/tilfoej/", consultation.add_people, name="add_to_consultation"),
    path(
        "netvaerk/<slug:slug>/grundlag/hoering/<int:pk>/fjern/",
        consultation.remove_person,
        name="remove_from_consultation",
    ),
    path("hoeringer/", consultation.consultations, name="consultations"),
    path("hoeringer/<int:pk>/", consultation.consultation, name="consultation"),
    path("hoeringer/<int:pk>/ny-version/", consultation.send_new_version, name="send_new_version"),
    path("hoeringer/<int:pk>/frist/", consultation.move_deadline, name="move_consultation_deadline"),
    path("hoeringer/<int:pk>/luk/", consultation.close, name="close_consultation"),
    # Approval
    path("godkendelser/", approvals.approvals, name="approvals"),
    path("oevelser/", basis.exercise_catalogue, name="exercises"),
    # Catalogue and set-up
    path("netvaerk/", catalogue.catalogue, name="catalogue"),
    path("netvaerk/nyt/", basis.new, name="new"),
    path("netvaerk/<slug:slug>/", network.network, name="network"),
    path("netvaerk/<slug:slug>/grundlag/", basis.basis, name="basis"),
    path("netvaerk/<slug:slug>/grundlag/rediger/", basis.edit_basis, name="edit_basis"),
    path("netvaerk/<slug:slug>/grundlag/rediger/<slug:step>/", basis.edit_basis, name="edit_basis"),
    path("netvaerk/<slug:slug>/grundlag/send/", approvals.submit, name="submit"),
    path("netvaerk/<slug:slug>/grundlag/godkend/", approvals.approve, name="approve"),
    path("netvaerk/<slug:slug>/grundlag/send-retur/", approvals.return_for_changes, name="return_for_changes"),
    path("netvaerk/<slug:slug>/grundlag/afvis/", approvals.reject, name="reject"),
    path("netvaerk/<slug:slug>/grundlag/versioner/<int:number>/", basis_versions.version, name="basis_version"),
    path("netvaerk/<slug:slug>/grundlag/tag-op/", basis_versions.review, name="review_basis"),
    # From start to end
    path("netvaerk/<slug:slug>/aabn/", lifecycle.open_enrolment, name="open_enrolment"),
    path("netvaerk/<slug:slug>/luk/", lifecycle.close_enrolment, name="close_enrolment"),
    path("netvaerk/<slug:slug>/stoerrelse/", lifecycle.change_capacity, name="change_capacity"),
    path("netvaerk/<slug:slug>/start/", lifecycle.activate, name="activate"),
    path("netvaerk/<slug:slug>/pause/", lifecycle.pause, name="pause"),
    path("netvaerk/<slug:slug>/genoptag/", lifecycle.resume, name="resume"),
    path("netvaerk/<slug:slug>/afslut/", lifecycle.close, name="close"),
    # The leader's own sign-up
    path("netvaerk/<slug:slug>/tilmelding/", enrolment.apply, name="apply"),
    path("netvaerk/<slug:slug>/tilmelding/accepter/", enrolment.accept_invitation, name="accept_invitation"),
    path("netvaerk/<slug:slug>/udmelding/", members.leave, name="leave"),
    path("netvaerk/<slug:slug>/orlov/", members.take_leave, name="take_leave"),
    path("netvaerk/<slug:slug>/orlov/slut/", members.end_leave, name="end_leave"),
    path("tilmeldinger/<int:pk>/", enrolment.application, name="application"),
    path("tilmeldinger/<int:pk>/traek-tilbage/", enrolment.withdraw, name="withdraw"),
    # HR decides
    path("tilmeldinger/<int:pk>/godkend/", enrolment.approve_application, name="approve_application"),
    path("tilmeldinger/<int:pk>/afvis/", enrolment.reject_application, name="reject_application"),
    path("tilmeldinger/<int:pk>/venteliste/", enrolment.put_on_waiting_list, name="put_on_waiting_list"),
    # Members
    path("netvaerk/<slug:slug>/medlemmer/", members.members, name="members"),
    path("netvaerk/<slug:slug>/medlemmer/inviter/", enrolment.candidates, name="candidates"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/afmeld/", members.unenrol, name="unenrol"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/orlov/", members.take_leave, name="take_leave_for"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/orlov/slut/", members.end_leave, name="end_leave_for"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/fortsaet/", members.keep_despite_change, name="keep_despite_change"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/ny-stilling/", members.move_to_post, name="move_to_post"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/tovholder/", members.appoint_coordinator, name="appoint_coordinator"),
    path("netvaerk/<slug:slug>/medlemmer/<int:pk>/traed-tilbage/", members.step_down, name="step_down"),
]

urlpatterns += room_urls.urlpatterns
