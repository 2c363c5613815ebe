"""An IMAP session by Python's imaplib: what it found, as JSON. Arguments: host, port, CA file, user; password: stdin."""

import imaplib
import json
import ssl
import sys

host, port, ca, user = sys.argv[1:]
client = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=ca))
client.login(user, sys.stdin.read())
found = {"folders": sorted(line.decode().split('"')[-2] for line in client.list()[1])}
found["messages"] = int(client.select("INBOX")[1][0])
found["search"] = client.uid("SEARCH", "SUBJECT", '"Messaggio 7"')[1][0].decode()
found["first"] = client.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1].decode("latin1")
client.uid("STORE", "1", "+FLAGS", "(\\Seen $Python)")
found["flags"] = client.uid("FETCH", "1", "(FLAGS)")[1][0].decode()
mail = b"From: a@pec.example\r\nSubject: Da Python\r\n\r\nper\xe9 \xff\r\n"
found["appended"] = client.append("Bozze", "(\\Draft)", None, mail)[0]
client.select("Bozze")
found["back"] = client.fetch("1", "(BODY.PEEK[])")[1][0][1] == mail
client.uid("COPY", "1", "Cestino")
found["copied"] = client.status("Cestino", "(MESSAGES)")[1][0].decode()
client.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
found["expunged"] = [number.decode() for number in client.expunge()[1]]
client.logout()
json.dump(found, sys.stdout)
