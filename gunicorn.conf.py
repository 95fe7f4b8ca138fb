"""What gunicorn is told when it starts in this folder; its command line comes after and wins."""

import gc

from gunicorn import glogging

from netvaerk.reports import QuietFormatter

# An access log only if asked for (--access-logfile), and then without query, referrer and the addresses that are keys.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


class Logger(glogging.Logger):
    def setup(self, cfg):
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                old = handler.formatter
                handler.setFormatter(QuietFormatter(old._fmt, old.datefmt) if old else QuietFormatter())


logger_class = Logger
# Long enough for what a worker has in hand when it is told to stop.
graceful_timeout = 30
timeout = 60
# All is read in once, before there are workers: they share the memory, and one that falls is soon replaced. New code
# comes by a restart, which turns nobody away (docs/operations.md).
preload_app = True


def when_ready(server):
    """The last moment before the first worker."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  (else each worker reads in the pages for itself)
    gc.collect()
    gc.freeze()  # what is looked through for rubbish is written to, and then no longer shared


# Signals are enough to steer it; a door of its own in somebody's home is one more to watch.
control_socket_disable = True
