"""Addresses: paths are Danish, route names English. Each room lists its own."""

from django.conf import settings
from django.urls import include, path

from netvaerk import branding, followup_views, health, outside, personal_views, search, status_views, views

roof = [
    path("om/", views.about, name="about"),
    path("privatliv/", views.privacy, name="privacy"),
    path("tilgaengelighed/", views.accessibility, name="accessibility"),
    path("was/", views.accessibility, name="was"),  # where Digitaliseringsstyrelsen asks all to have it
    path("konto/mine-data/", personal_views.my_data, name="my_data"),
    path("konto/mine-data/opslag/", personal_views.reads_of_me, name="reads_of_me"),
    path("persondata/", personal_views.overview, name="personal_data"),
    path("persondata/kassation/<slug:name>/", personal_views.disposal, name="disposal"),
    path("persondata/sletning/", personal_views.erasure_search, name="erasure_search"),
    path("persondata/sletning/<int:pk>/", personal_views.erase, name="erase"),
    path("status/", status_views.status, name="status"),
    path("status/udskriv/", status_views.status_print, name="status_print"),
    path("status/<slug:slug>/", status_views.status_network, name="status_network"),
    path("soeg/", search.page, name="search"),
    path("opfoelgning/", followup_views.followup, name="followup"),
    path("opfoelgning/eksport.<str:kind>", followup_views.export_followup, name="export_followup"),
    path("opfoelgning/visninger/", followup_views.save_view, name="save_view"),
    path("opfoelgning/visninger/<int:pk>/slet/", followup_views.drop_view, name="drop_view"),
    path("opfoelgning/graenser/", followup_views.followup_limits, name="followup_limits"),
    path("opfoelgning/mail/", followup_views.choose_weekly_mail, name="choose_weekly_mail"),
    path("opfoelgning/ledere-uden-netvaerk/", outside.page, name="outside"),
    path("opfoelgning/ledere-uden-netvaerk/eksport.<str:kind>", outside.export_page, name="export_outside"),
    path("sundhed/", health.live, name="health_live"),
    path("sundhed/klar/", health.ready, name="health_ready"),
]

# An address is looked for in one room after the other: meetings early, as calendars ask for theirs day and night.
urlpatterns = [
    path("", views.home, name="home"),
    path("", include((roof, "netvaerk"))),
    path("", include("meetings.urls")),
    path("", include("members.urls")),
    path("", include("networks.urls")),
    path("", include("members.sign_in_urls")),
    path("sprog/", views.set_language, name="set_language"),
    path("brand.css", branding.brand_css, name="brand_css"),
]

if settings.DEBUG:
    from netvaerk import mailbox

    urlpatterns += mailbox.urlpatterns
