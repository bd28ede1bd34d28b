// run.hpp: tests that are coroutines.
#pragma once

#include <gtest/gtest.h>

#include <capnweb/task.hpp>

#include "support/start.hpp"

namespace capnweb::testing {

// Runs a task that must end without waiting for anything from outside.
inline void run(Task<> task) {
  bool is_done = false;
  start(std::move(task), &is_done);
  EXPECT_TRUE(is_done) << "the task waits for something";
}

// What a promise failed with: "TypeError: text"; "" if it did not.
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
