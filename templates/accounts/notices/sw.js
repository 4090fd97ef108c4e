{% load static %}importScripts("{% static 'js/push-worker.js' %}");
{% panels "worker.scripts" user %}