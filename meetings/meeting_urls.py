"""Addresses of what is inside a meeting. Part of `meetings.urls`."""

from django.urls import path

from meetings.agenda import DOWN, UP
from meetings.running import BACK, FORTH
from meetings.views import agenda, roles, running, topics

agendas = [
    path("moeder/<int:pk>/tema/", agenda.theme, name="theme"),
    path("moeder/<int:pk>/dagsorden/", agenda.agenda, name="agenda"),
    path("moeder/<int:pk>/dagsorden/tilpas/", agenda.lay_out_agenda, name="lay_out_agenda"),
    path("moeder/<int:pk>/dagsorden/nyt/", agenda.new_agenda_item, name="new_agenda_item"),
    path("moeder/<int:pk>/dagsorden/<int:item>/", agenda.change_agenda_item, name="change_agenda_item"),
    path("moeder/<int:pk>/dagsorden/<int:item>/op/", agenda.move_agenda_item, {"step": UP}, name="agenda_item_up"),
    path("moeder/<int:pk>/dagsorden/<int:item>/ned/", agenda.move_agenda_item, {"step": DOWN}, name="agenda_item_down"),
    path("moeder/<int:pk>/dagsorden/<int:item>/fjern/", agenda.remove_agenda_item, name="remove_agenda_item"),
]

what_is_brought = [
    path("netvaerk/<slug:slug>/emner/", topics.topics, name="topics"),
    path("netvaerk/<slug:slug>/emner/nyt/", topics.new_topic, name="new_topic"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/", topics.change_topic, name="change_topic"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/traek-tilbage/", topics.withdraw_topic, name="withdraw_topic"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/foerst/", topics.mark_topic, name="mark_topic"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/talt-om/", topics.discuss_topic, name="discuss_topic"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/dagsorden/", topics.put_topic_on_agenda, name="put_topic_on_agenda"),
    path("netvaerk/<slug:slug>/emner/<int:pk>/flyt/", topics.bring_topic, name="bring_topic"),
]

who_does_what = [
    path("moeder/<int:pk>/roller/", roles.assign_roles, name="assign_roles"),
    path("moeder/<int:pk>/roller/tag/", roles.take_role, name="take_role"),
    path("moeder/<int:pk>/roller/giv-tilbage/", roles.give_role_back, name="give_role_back"),
    path("netvaerk/<slug:slug>/roller/", roles.rotation_plan, name="rotation"),
]

while_it_lasts = [
    path("moeder/<int:pk>/visning/", running.show, name="running"),
    path("moeder/<int:pk>/visning/stilling/", running.standing, name="running_standing"),
    path("moeder/<int:pk>/visning/begynd/", running.start, name="start_running"),
    path("moeder/<int:pk>/visning/naeste/", running.step, {"way": FORTH}, name="running_next"),
    path("moeder/<int:pk>/visning/forrige/", running.step, {"way": BACK}, name="running_previous"),
    path("moeder/<int:pk>/visning/slut/", running.end, name="end_running"),
]

urlpatterns = [*agendas, *what_is_brought, *who_does_what, *while_it_lasts]
