#!/usr/bin/env python3
import os
import sys
import json
import requests
from requests.auth import HTTPBasicAuth
from datetime import datetime, timedelta
list_only = False
app_list = None
to_delete = []
url = "https://microvisor.twilio.com/v1/"
auth = HTTPBasicAuth(os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
if len(sys.argv) > 1:
    for index, item in enumerate(sys.argv):
        if item.lower() in ("-h", "--help"):
            print("Usage: apps [--delete]")
            print("Options: --delete / -d Delete all stale apps.")
            print("Stale apps are those more that 24 hours old. Stale apps")
            print("that are still assigned to a device will not be deleted")
            sys.exit()
        if item.lower() in ("-d", "--delete"):
            list_only = False
        if item.lower() in ("-l", "--list"):
            list_only = True
print("Listing your Microvisor applications...")
date_now = datetime.now()
resp = requests.get(url + "Apps", auth=auth)
if resp.status_code == 200:
    try:
        app_list = resp.json()
        if "apps" in app_list:
            for app in app_list["apps"]:
                sid = app["sid"]
                name = app["unique_name"]
                date_then = datetime.strptime(app["date_created"], '%Y-%m-%dT%H:%M:%SZ')
                if date_now - date_then >= timedelta(days=1):
                    to_delete.append(sid)
                    sid = name if name else sid
                    print(sid, "STALE")
                else:
                    print(sid, "OK")
    except Exception as e:
        print("[ERROR] Could not parse response from Twilio", e)
else:
    print("[ERROR] Unable to access your apps")
if list_only:
    sys.exit()
if len(to_delete) > 0:
    print("Deleting stale apps...")
    resp = requests.get(url + "Devices", auth=auth)
    devices = None
    if resp.status_code == 200:
        try:
            dev_list = resp.json()
            if "devices" in dev_list:
                devices = dev_list["devices"]
        except Exception as e:
            pass
    for sid in to_delete:
        resp = requests.delete(url + "Apps/" + sid, auth=auth)
        if resp.status_code == 204:
            print(sid, "DELETED")
        elif resp.status_code == 400:
            dev_sid = ""
            if devices:
                for device in devices:
                    if device["app"]["target_sid"] == sid:
                        dev_sid = sid
                        break
            print(sid, "NOT DELETED (DEPLOYED TO DEVICE", (dev_sid if dev_sid else "UNKNOWN") + ")")
        else:
            print(sid, "NOT DELETED (CODE: " + str(resp.status_code) + ")")
