#include <boost/asio/buffer.hpp>
#include <capnweb/asio.hpp>

#include "../value/number.hpp"
#include "support/pair.hpp"
#include "value/number.hpp"
#include <gnutls/gnutls.h>

#include "net/webtransport/tls.hpp"
