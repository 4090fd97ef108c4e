{% load static %}self.OFFLINE = {{ told|safe }};
importScripts("{% static 'js/offline-worker.js' %}");
