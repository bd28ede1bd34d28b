// failure.hpp: what promises fail with, for tests that are coroutines.
#pragma once

#include <capnweb/error.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/task.hpp>
#include <string>

namespace capnweb::testing {

// "TypeError: text"; "" if it does not fail.
template <class T>
Task<std::string> failure(Promise<T> promise) {
  try {
    static_cast<void>(co_await promise);
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}
template <>
inline Task<std::string> failure(Promise<void> promise) {
  try {
    co_await promise;
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}

}  // namespace capnweb::testing
