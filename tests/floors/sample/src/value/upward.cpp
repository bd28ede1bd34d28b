#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <capnweb/asio.hpp>
#include <capnweb/value.hpp>

#include "session/session.hpp"
#include "value/number.hpp"
