// capnweb.hpp: all of the library, except <capnweb/asio.hpp>, which includes Boost.
#pragma once

#include <capnweb/batch.hpp>
#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/convert.hpp>
#include <capnweb/error.hpp>
#include <capnweb/function.hpp>
#include <capnweb/generator.hpp>
#include <capnweb/limits.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/serialize.hpp>
#include <capnweb/server.hpp>
#include <capnweb/session.hpp>
#include <capnweb/start.hpp>
#include <capnweb/stream.hpp>
#include <capnweb/structs.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/target.hpp>
#include <capnweb/task.hpp>
#include <capnweb/transport.hpp>
#include <capnweb/typed_array.hpp>
#include <capnweb/value.hpp>
#include <capnweb/websocket.hpp>
#include <capnweb/when_all.hpp>
