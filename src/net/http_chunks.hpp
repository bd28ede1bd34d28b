// http_chunks.hpp: how much of a chunked body Beast's parser has to see at once.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>

namespace capnweb {

// Whether to wait for more than `bytes` before the parser is fed. Its assertions want the last
// chunk in pieces of five bytes; as no body ends with fewer ("0", two line ends), nothing is lost
// by that.
template <bool is_request>
bool is_too_little_of_chunks(const boost::beast::http::basic_parser<is_request>& parser,
                             std::size_t bytes) {
  constexpr std::size_t kShortestEnd = 5;
  return bytes < kShortestEnd && parser.is_header_done() && parser.chunked();
}

}  // namespace capnweb
