#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <capnweb/asio.hpp>
#include <capnweb/error.hpp>

#include "value/number.hpp"
