#include "value/base64.hpp"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {
namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(out, std::as_bytes(std::span(bytes.data(), bytes.size())));
  return out;
}

std::string decode(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes) return "refused";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

TEST(Base64, WritesTheStandardAlphabetWithoutPadding_V18) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("\xFF"), "/w");
  EXPECT_EQ(encode("\xFB\xFF\xFE"), "+//+");
  EXPECT_EQ(encode("f"), "Zg");
  EXPECT_EQ(encode("fo"), "Zm8");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, AppendsToWhatIsThere) {
  std::string out = "before:";
  append_base64(out, std::as_bytes(std::span("foo", 3)));
  EXPECT_EQ(out, "before:Zm9v");
}

TEST(Base64, ReadsWithAndWithoutPadding_V24) {
  for (const char* text : {"Zg", "Zg=="}) EXPECT_EQ(decode(text), "f");
  for (const char* text : {"Zm8", "Zm8="}) EXPECT_EQ(decode(text), "fo");
  EXPECT_EQ(decode("Zm9v"), "foo");
  EXPECT_EQ(decode(""), "");
}

TEST(Base64, RefusesAllElse_V24) {
  for (const char* text : {"Z",      "Zg=",  "Zm8==", "Zm9v=", "Zm9v==",   "Zm9v====", "=",
                           "==",     "===",  "====",  "Z===",  "Zg==Zg==", "Z=g=",     "Zm9v Zm9v",
                           "Zm9v\n", "-_-_", "!!!!",  "Zm9!",  "Z!",       "Zm!",      "Zm9\xFF",
                           "Zh",     "Zh==", "Zm9",   "Zm9="})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

TEST(Base64, ReadsBackWhatItWrote) {
  std::mt19937 random(4);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::string text = encode(bytes);
    ASSERT_EQ(text.size(), (size * 8 + 5) / 6);
    ASSERT_EQ(decode(text), bytes);
    while (text.size() % 4 != 0) text += '=';
    ASSERT_EQ(decode(text), bytes);
  }
}

}  // namespace
}  // namespace capnweb
