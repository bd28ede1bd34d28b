#include <array>
#include <capnweb/bytes.hpp>

namespace capnweb {
namespace {

struct KindRow {
  std::string_view name;
  std::size_t element_size;
};

// In the order of BytesKind.
constexpr std::array kKinds = {
    KindRow{"Uint8Array", 1},    KindRow{"ArrayBuffer", 1},       KindRow{"DataView", 1},
    KindRow{"Int8Array", 1},     KindRow{"Uint8ClampedArray", 1}, KindRow{"Int16Array", 2},
    KindRow{"Uint16Array", 2},   KindRow{"Int32Array", 4},        KindRow{"Uint32Array", 4},
    KindRow{"BigInt64Array", 8}, KindRow{"BigUint64Array", 8},    KindRow{"Float32Array", 4},
    KindRow{"Float64Array", 8},
};

const KindRow& row(BytesKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view bytes_kind_name(BytesKind kind) noexcept { return row(kind).name; }
std::size_t bytes_element_size(BytesKind kind) noexcept { return row(kind).element_size; }

std::optional<BytesKind> find_bytes_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i].name == name) return static_cast<BytesKind>(i);
  return std::nullopt;
}

}  // namespace capnweb
