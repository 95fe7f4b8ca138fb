from django.urls import path

from members import role_views as views
from members import sso_views

role_urlpatterns = [
    path("ledere/roller/", views.role_list, name="roles"),
    path("ledere/roller/ny/", views.new_person, name="new_person"),
    path("ledere/roller/fra-login/", sso_views.mapping, name="role_groups"),
    path("ledere/roller/<int:pk>/", views.person, name="person_roles"),
    path("ledere/roller/<int:pk>/giv/", views.give, name="give_role"),
    path("ledere/roller/<int:pk>/fjern/<slug:role>/", views.take, name="take_role"),
    path("ledere/roller/<int:pk>/luk/", views.close_access, name="close_access"),
    path("ledere/roller/<int:pk>/aabn/", views.open_access, name="open_access"),
    path("ledere/roller/<int:pk>/nulstil-totrin/", views.reset_second_factor, name="reset_second_factor"),
]
