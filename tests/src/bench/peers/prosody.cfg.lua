run_as_root = true
pidfile = "FOLDER/pid"
data_path = "FOLDER"
certificates = "FOLDER"
modules_enabled = { "saslauth", "mam" }
modules_disabled = { "s2s", "tls" }
c2s_require_encryption = false
authentication = "anonymous"
default_storage = "sql"
sql = { driver = "SQLite3", database = "FOLDER/archive.db" }
sqlite_tune = "safe"
default_archive_policy = true
interfaces = { "127.0.0.1" }
c2s_ports = { PORT }
log = { error = "FOLDER/log" }
VirtualHost "DOMAIN"
