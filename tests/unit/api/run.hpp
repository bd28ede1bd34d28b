// run.hpp: tests that are coroutines.
#pragma once

#include <gtest/gtest.h>

#include <capnweb/task.hpp>

#include "support/failure.hpp"
#include "support/start.hpp"

namespace capnweb::testing {

// Runs a task that must end without waiting for anything from outside.
inline void run(Task<> task) {
  bool is_done = false;
  start(std::move(task), &is_done);
  EXPECT_TRUE(is_done) << "the task waits for something";
}

}  // namespace capnweb::testing
