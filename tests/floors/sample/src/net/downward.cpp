#include <gnutls/gnutls.h>

#include <CLI/CLI.hpp>
#include <boost/asio/buffer.hpp>
#include <capnweb/asio.hpp>

#include "../value/number.hpp"
#include "net/webtransport/tls.hpp"
#include "support/pair.hpp"
#include "value/number.hpp"
