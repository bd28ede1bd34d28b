// capnweb.hpp: all of the library.
#pragma once

#include <capnweb/contract.hpp>
#include <capnweb/convert.hpp>
#include <capnweb/error.hpp>
#include <capnweb/function.hpp>
#include <capnweb/limits.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/serialize.hpp>
#include <capnweb/session.hpp>
#include <capnweb/start.hpp>
#include <capnweb/structs.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/target.hpp>
#include <capnweb/task.hpp>
#include <capnweb/typed_array.hpp>
#include <capnweb/value.hpp>
