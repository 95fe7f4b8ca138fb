"""Addresses of people: leaders, their import, deliveries, and one's own page."""

from django.urls import path

from members import import_views, inbox_views, naming_views, views
from members.delivery_urls import delivery_urlpatterns
from members.role_urls import role_urlpatterns

app_name = "members"

leader_urlpatterns = [
    path("ledere/", views.leader_list, name="leaders"),
    path("ledere/niveauer/", naming_views.levels_and_fields, name="levels_and_fields"),
    path("ledere/<int:pk>/", views.leader, name="leader"),
    path("ledere/<int:pk>/adressen-er-rigtig/", views.clear_refusals, name="clear_refusals"),
    path("ledere/<int:pk>/afslut/", views.end_post, name="end_post"),
]
import_urlpatterns = [
    path("ledere/import/", import_views.upload, name="import"),
    path("ledere/import/<int:pk>/", import_views.preview, name="import_preview"),
    path("ledere/import/<int:pk>/kolonner/", import_views.columns, name="import_columns"),
    path("ledere/import/<int:pk>/regler/", import_views.rules, name="import_rules"),
    path("ledere/import/<int:pk>/gennemfoer/", import_views.apply, name="import_apply"),
    path("ledere/import/<int:pk>/annuller/", import_views.dismiss, name="import_dismiss"),
]
urlpatterns = [
    *leader_urlpatterns,
    *import_urlpatterns,
    *delivery_urlpatterns,
    *role_urlpatterns,
    path("konto/profil/", views.profile, name="profile"),
    path("konto/beskeder/", inbox_views.inbox_list, name="inbox"),
    path("konto/beskeder/laest/", inbox_views.mark_read, name="inbox_read"),
]
