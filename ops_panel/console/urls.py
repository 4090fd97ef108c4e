from django.urls import path

from . import views

app_name = "console"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/bulk/", views.bulk, name="bulk"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancellation/", views.cancellation, name="job-cancellation"),
    path("jobs/<uuid:job_id>/rerun/", views.rerun, name="job-rerun"),
    path("audit/", views.audit, name="audit"),
    path("audit/check/", views.check, name="audit-check"),
    path("audit/export/", views.export, name="audit-export"),
    path("errors/", views.errors, name="errors"),
    path("schedules/", views.schedules, name="schedules"),
    path("schedules/<str:name>/job/", views.schedule_job, name="schedule-job"),
]
