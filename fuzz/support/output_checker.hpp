// output_checker.hpp: whether what a session sends is what an honest peer may send.
#pragma once

#include <capnweb/session.hpp>
#include <cstdint>
#include <set>
#include <string_view>

#include "value/json_tape.hpp"

namespace capnweb::fuzz {

class OutputChecker {
 public:
  // Looks at all messages; the program ends at the first that is wrong.
  void check(const Outbox& out);

 private:
  void check(std::string_view text);
  void check_import(double id, std::string_view text) const;

  JsonTape tape_;
  double pushes_ = 0;
  std::set<double> released_;  // of our pushes (M-51)
  std::set<double> answered_;  // of the peer's
  bool has_aborted_ = false;
};

}  // namespace capnweb::fuzz
