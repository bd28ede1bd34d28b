// qpack.hpp: field sections of HTTP/3, without a dynamic table (RFC 9204).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/webtransport/h3_names.hpp"

struct nghttp3_qpack_decoder;
struct nghttp3_qpack_encoder;

namespace capnweb {

using H3Fields = std::vector<std::pair<std::string, std::string>>;

// One of each connection's.
class Qpack {
 public:
  static constexpr std::size_t kMaxFields = 100;
  // Of names and values together, decoded.
  static constexpr std::size_t kMaxSize = 16 * 1024;

  Qpack();

  // Throws std::bad_alloc.
  std::string encode(std::int64_t stream, const H3Fields& fields);
  // kQpackDecompressionFailed ends the connection, kExcessiveLoad only the request.
  std::variant<H3Fields, H3Error> decode(std::int64_t stream, std::string_view section);

 private:
  struct Delete {
    void operator()(nghttp3_qpack_encoder* encoder) const noexcept;
    void operator()(nghttp3_qpack_decoder* decoder) const noexcept;
  };
  std::unique_ptr<nghttp3_qpack_encoder, Delete> encoder_;
  std::unique_ptr<nghttp3_qpack_decoder, Delete> decoder_;
};

}  // namespace capnweb
