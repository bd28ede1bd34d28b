#include <gtest/gtest.h>

#include <capnweb/bytes.hpp>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace capnweb {
namespace {

TEST(Bytes, NamesEveryContainer_V19) {
  const struct {
    BytesKind kind;
    std::string_view name;
    std::size_t element_size;
  } rows[] = {
      {BytesKind::kUint8Array, "Uint8Array", 1},
      {BytesKind::kArrayBuffer, "ArrayBuffer", 1},
      {BytesKind::kDataView, "DataView", 1},
      {BytesKind::kInt8Array, "Int8Array", 1},
      {BytesKind::kUint8ClampedArray, "Uint8ClampedArray", 1},
      {BytesKind::kInt16Array, "Int16Array", 2},
      {BytesKind::kUint16Array, "Uint16Array", 2},
      {BytesKind::kInt32Array, "Int32Array", 4},
      {BytesKind::kUint32Array, "Uint32Array", 4},
      {BytesKind::kBigInt64Array, "BigInt64Array", 8},
      {BytesKind::kBigUint64Array, "BigUint64Array", 8},
      {BytesKind::kFloat32Array, "Float32Array", 4},
      {BytesKind::kFloat64Array, "Float64Array", 8},
  };
  for (const auto& [kind, name, element_size] : rows) {
    EXPECT_EQ(bytes_kind_name(kind), name);
    EXPECT_EQ(bytes_element_size(kind), element_size);
    EXPECT_EQ(find_bytes_kind(name), kind);
  }
}

TEST(Bytes, KnowsNoOtherContainer_V22) {
  for (const char* name : {"", "Nope", "uint8array", "Float16Array", "SharedArrayBuffer"})
    EXPECT_EQ(find_bytes_kind(name), std::nullopt) << name;
}

TEST(Bytes, HoldsACopy) {
  Bytes bytes = Bytes::from_text("abc");
  EXPECT_EQ(bytes.size(), 3u);
  EXPECT_EQ(bytes.text(), "abc");
  EXPECT_EQ(bytes.kind(), BytesKind::kUint8Array);
  const Bytes copy = bytes;
  EXPECT_EQ(copy, bytes);
  bytes.data()[0] = std::byte{'x'};
  EXPECT_EQ(bytes.text(), "xbc");
  EXPECT_NE(copy, bytes);
}

TEST(Bytes, AreNotEqualInAnotherContainer_V19) {
  const std::vector<std::byte> data(4);
  EXPECT_NE(Bytes(data), Bytes(data, BytesKind::kArrayBuffer));
  EXPECT_EQ(Bytes(data, BytesKind::kInt32Array),
            Bytes(std::span<const std::byte>(data), BytesKind::kInt32Array));
  EXPECT_TRUE(Bytes().empty());
}

}  // namespace
}  // namespace capnweb
