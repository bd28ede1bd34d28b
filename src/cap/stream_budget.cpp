#include "cap/stream_budget.hpp"

#include <string>

namespace capnweb::detail {

Error StreamBudget::exceeded() const {
  return Error::range_error("More than " + std::to_string(limit()) +
                            " bytes of this session's streams wait to be read; write no faster "
                            "than writes are acknowledged, or raise Limits::max_stream_buffer.");
}

}  // namespace capnweb::detail
