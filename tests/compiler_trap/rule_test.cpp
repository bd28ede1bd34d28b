#include <capnweb/detail/compiler.hpp>
#include <gtest/gtest.h>

namespace {

TEST(CompilerTrap, IsRecognisedByVersion) {
  EXPECT_EQ(CAPNWEB_DESTROYS_TEMPORARIES_TWICE, CAPNWEB_MEASURED_COROUTINE_TRAP);
}

}  // namespace
