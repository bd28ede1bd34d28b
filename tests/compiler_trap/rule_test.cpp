#include <gtest/gtest.h>

#include <capnweb/detail/compiler.hpp>

namespace {

TEST(CompilerTrap, IsRecognisedByVersion) {
  EXPECT_EQ(CAPNWEB_DESTROYS_TEMPORARIES_TWICE, CAPNWEB_MEASURED_COROUTINE_TRAP);
}

}  // namespace
