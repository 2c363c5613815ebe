"""OpenStack Swift with its S3 API in one process: proxy, account, container and object server, one device, one copy.

swiftServer.py FOLDER PORT USER KEY BUCKET

The object server is the one that keeps objects in memory: what a file system knows of extended attributes is not what is
tried here. Says "ready" when it can be used. Swift is a library of the system's Python.
"""

import os
import sys
from array import array

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi
from swift.common import utils

FOLDER, PORT, USER, KEY, BUCKET = sys.argv[1:6]
utils.SWIFT_CONF_FILE = os.path.join(FOLDER, 'swift.conf')
utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b'test'

from swift.account import server as account
from swift.common.middleware import catch_errors, listing_formats, tempauth
from swift.common.middleware.s3api import s3api
from swift.common.ring import RingData
from swift.common.swob import Request
from swift.container import server as container
from swift.obj import mem_server
from swift.proxy import server as proxy

NAME, PASSWORD = USER.split(':')


class Cache:
    """What tokens and facts of containers are kept in, instead of memcached."""

    def __init__(self):
        self.entries = {}

    def get(self, key, **_):
        return self.entries.get(key)

    def set(self, key, value, **_):
        self.entries[key] = value

    def delete(self, key, **_):
        self.entries.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.entries[key] = self.entries.get(key, 0) + delta
        return self.entries[key]


CACHE = Cache()


def cached(app):
    def call(env, start_response):
        env['swift.cache'] = CACHE
        return app(env, start_response)

    return call


def serve(app, port=0):
    socket = eventlet.listen(('127.0.0.1', port))
    eventlet.spawn(wsgi.server, socket, app, log_output=False)
    return socket.getsockname()[1]


def ring(name, port):
    device = {'id': 0, 'zone': 0, 'region': 1, 'weight': 1, 'device': 'disk'}
    place = {'ip': '127.0.0.1', 'port': port, 'replication_ip': '127.0.0.1', 'replication_port': port}
    RingData([array('H', [0] * 4)], [{**device, **place}], 30).save(os.path.join(FOLDER, f'{name}.ring.gz'))


with open(utils.SWIFT_CONF_FILE, 'w') as settings:
    settings.write('[swift-hash]\nswift_hash_path_suffix = test\n')
os.makedirs(os.path.join(FOLDER, 'devices', 'disk'))
SETTINGS = {'swift_dir': FOLDER, 'devices': os.path.join(FOLDER, 'devices'), 'mount_check': 'false'}
for kind, module in [('account', account), ('container', container), ('object', mem_server)]:
    ring(kind, serve(module.app_factory(SETTINGS)))

store = proxy.app_factory(
    {'__name__': 'proxy-server', '__file__': utils.SWIFT_CONF_FILE, 'swift_dir': FOLDER},
    account_autocreate='true',
)
users = {f'user_{NAME}_{PASSWORD}': f'{KEY} .admin'}
app = tempauth.filter_factory({}, **users)(listing_formats.filter_factory({})(store))
app = s3api.filter_factory({}, auth_pipeline_check='false', location='us-east-1')(app)
serve(cached(catch_errors.filter_factory({})(app)), int(PORT))

made = Request.blank(f'/v1/AUTH_{NAME}/{BUCKET}', method='PUT').get_response(cached(store))
if not made.is_success:
    sys.exit(f'no bucket: {made.status}')
print('ready', flush=True)
while True:
    eventlet.sleep(3600)
