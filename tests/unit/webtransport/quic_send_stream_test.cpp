#include "net/webtransport/quic_send_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace capnweb {
namespace {

// Everything that is offered, and whether the end is.
struct Offer {
  std::string bytes;
  std::size_t pieces = 0;
  bool is_end = false;
};

Offer offer(const QuicSendStream& stream) {
  std::array<std::string_view, 4> pieces;
  Offer offered;
  offered.pieces = stream.gather(pieces, offered.is_end);
  for (std::size_t i = 0; i < offered.pieces; ++i) offered.bytes += pieces[i];
  return offered;
}

TEST(QuicSendStream, OffersWhatIsLeft) {
  QuicSendStream stream;
  EXPECT_FALSE(stream.wants_to_send());
  stream.push("hello ");
  stream.push("world");
  EXPECT_EQ(offer(stream).bytes, "hello world");
  EXPECT_EQ(offer(stream).pieces, 1U);  // joined, as no packet has seen them
  EXPECT_FALSE(offer(stream).is_end);
  stream.sent(4, false);
  EXPECT_EQ(offer(stream).bytes, "o world");
  EXPECT_EQ(stream.unsent(), 7U);
  stream.push("!");
  EXPECT_EQ(offer(stream).bytes, "o world!");
  EXPECT_EQ(offer(stream).pieces, 2U);  // a packet points into the first
  stream.finish();
  EXPECT_TRUE(offer(stream).is_end);
  stream.sent(8, true);
  EXPECT_FALSE(stream.wants_to_send());
}

TEST(QuicSendStream, EndsWithNothingBehind) {
  QuicSendStream stream;
  stream.push("x");
  stream.sent(1, false);
  EXPECT_FALSE(stream.acknowledged(1));
  stream.finish();
  EXPECT_TRUE(stream.wants_to_send());
  EXPECT_EQ(offer(stream).bytes, "");
  EXPECT_TRUE(offer(stream).is_end);
  stream.sent(0, true);
  EXPECT_FALSE(stream.wants_to_send());
  EXPECT_TRUE(stream.acknowledged(0));
  stream.push("late");
  EXPECT_FALSE(stream.wants_to_send());
}

TEST(QuicSendStream, OffersNoEndBeforeItsLastPiece) {
  QuicSendStream stream;
  for (int i = 0; i < 6; ++i) stream.push(std::string(4096, static_cast<char>('a' + i)));
  stream.finish();
  EXPECT_EQ(offer(stream).pieces, 4U);
  EXPECT_FALSE(offer(stream).is_end);
  stream.sent(4 * 4096, false);
  EXPECT_EQ(offer(stream).pieces, 2U);
  EXPECT_TRUE(offer(stream).is_end);
}

TEST(QuicSendStream, KeepsBytesInPlaceUntilTheyHaveArrived) {
  QuicSendStream stream;
  stream.push(std::string(5000, 'a'));
  std::array<std::string_view, 4> pieces;
  bool is_end = false;
  stream.gather(pieces, is_end);
  const std::string_view first = pieces[0];
  stream.sent(5000, false);
  for (int i = 0; i < 100; ++i) stream.push(std::string(5000, 'b'));
  EXPECT_FALSE(stream.acknowledged(4999));
  EXPECT_EQ(first, std::string(5000, 'a'));
  EXPECT_FALSE(stream.acknowledged(1));
  EXPECT_EQ(stream.unsent(), 500'000U);
}

TEST(QuicSendStream, KeepsWhatPacketsHaveWhenItIsGivenUp) {
  QuicSendStream stream;
  stream.push(std::string(5000, 'a'));
  stream.push(std::string(5000, 'b'));
  std::array<std::string_view, 4> pieces;
  bool is_end = false;
  stream.gather(pieces, is_end);
  const std::string_view first = pieces[0];
  stream.sent(10, false);
  stream.clear();
  EXPECT_FALSE(stream.wants_to_send());
  EXPECT_EQ(stream.unsent(), 0U);
  EXPECT_EQ(offer(stream).bytes, "");
  EXPECT_EQ(first, std::string(5000, 'a'));
}

}  // namespace
}  // namespace capnweb
