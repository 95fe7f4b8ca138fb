"""Addresses of HR's page of deliveries."""

from django.urls import path

from members import delivery_views

delivery_urlpatterns = [
    path("beskeder/", delivery_views.delivery_list, name="deliveries"),
    path("beskeder/<int:pk>/proev-igen/", delivery_views.retry, name="retry"),
    path("beskeder/<int:pk>/opgiv/", delivery_views.give_up, name="give_up"),
]
