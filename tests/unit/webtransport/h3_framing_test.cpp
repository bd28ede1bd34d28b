#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/webtransport/h3_frame_reader.hpp"
#include "net/webtransport/h3_settings.hpp"
#include "net/webtransport/h3_stream_head.hpp"
#include "net/webtransport/quic_varint.hpp"
#include "net/webtransport/wt_error_code.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string varint(std::uint64_t value) {
  std::string out;
  append_varint(out, value);
  return out;
}

std::string frame(std::uint64_t type, std::string_view payload) {
  return varint(type) + varint(payload.size()) + std::string(payload);
}

// ---- Integers

TEST(QuicVarint, AreAsShortAsTheyCan) {
  EXPECT_EQ(varint(63), "\x3f");
  EXPECT_EQ(varint(64), "\x40\x40");
  EXPECT_EQ(varint(0x41), "\x40\x41");
  EXPECT_EQ(varint(16384), "\x80\x00\x40\x00"s);
  EXPECT_EQ(varint(0x2b603742), "\xab\x60\x37\x42");
  EXPECT_EQ(varint(1 << 30), "\xc0\x00\x00\x00\x40\x00\x00\x00"s);
  EXPECT_EQ(varint(kMaxVarint), std::string(8, '\xff'));
}

TEST(QuicVarint, AreReadWhereverTheyAreCut) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{63}, std::uint64_t{64}, std::uint64_t{16383},
        std::uint64_t{16384}, std::uint64_t{1} << 30, kMaxVarint}) {
    const std::string bytes = varint(value);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      VarintReader reader;
      std::string_view first = std::string_view(bytes).substr(0, cut);
      EXPECT_EQ(reader.feed(first), cut == bytes.size());
      const std::string rest = bytes.substr(cut) + "next";
      std::string_view second = rest;
      ASSERT_TRUE(reader.feed(second));
      EXPECT_EQ(reader.take(), value);
      EXPECT_EQ(second, "next");
      EXPECT_FALSE(reader.is_inside());
    }
  }
}

TEST(QuicVarint, MayBeLongerThanNeeded) {
  std::string_view bytes = "\x40\x01\xc0\x00\x00\x00\x00\x00\x00\x02\x80"sv;
  EXPECT_EQ(take_varint(bytes), 1U);
  EXPECT_EQ(take_varint(bytes), 2U);
  EXPECT_EQ(take_varint(bytes), std::nullopt);
  EXPECT_EQ(bytes.size(), 1U);
}

// ---- Heads of streams

struct Head {
  H3StreamHead::Kind kind;
  std::int64_t session;
  std::string rest;
};

// Feeds the bytes in two pieces cut at `cut`.
Head read_head(bool is_bidirectional, const std::string& bytes, std::size_t cut) {
  H3StreamHead head(is_bidirectional);
  std::string_view first = std::string_view(bytes).substr(0, cut);
  std::string_view second = std::string_view(bytes).substr(cut);
  if (head.feed(first) == H3StreamHead::Kind::kUnfinished) {
    EXPECT_TRUE(first.empty());
    head.feed(second);
  }
  return {head.feed(second), head.session_id(), std::string(first) + std::string(second)};
}

TEST(H3StreamHead, TellsWhatAStreamIsWhereverItIsCut) {
  using Kind = H3StreamHead::Kind;
  const struct {
    bool is_bidirectional;
    std::string head;
    Kind kind;
    std::int64_t session;
  } cases[] = {
      {false, "\x00"s, Kind::kControl, 0},
      {false, "\x01", Kind::kPush, 0},
      {false, "\x02", Kind::kQpackEncoder, 0},
      {false, "\x03", Kind::kQpackDecoder, 0},
      {false, "\x40\x54\x04", Kind::kWebTransport, 4},
      {false, "\x40\x41", Kind::kUnknown, 0},
      {false, varint(0x1f * 77 + 0x21), Kind::kUnknown, 0},
      {true, "\x40\x41" + varint(1 << 20), Kind::kWebTransport, 1 << 20},
      {true, "\x01", Kind::kRequest, 0},
      {true, "\x40\x54", Kind::kRequest, 0},
  };
  for (const auto& [is_bidirectional, head, kind, session] : cases)
    for (std::size_t cut = 0; cut <= head.size(); ++cut) {
      const Head found = read_head(is_bidirectional, head + "content", cut);
      EXPECT_EQ(found.kind, kind) << testing::PrintToString(head) << " cut at " << cut;
      EXPECT_EQ(found.session, session);
      EXPECT_EQ(found.rest, "content");
    }
}

TEST(H3StreamHead, OfOursIsWhatChromiumReads) {
  std::string out;
  append_wt_stream_head(out, 0);
  EXPECT_EQ(out, "\x40\x41\x00"s);
}

// ---- Frames

// What comes out of bytes that are fed in pieces of `size`: "HEADERS payload", "ERROR 0x105 why".
std::vector<std::string> read_frames(H3FrameReader& reader, std::string_view bytes,
                                     std::size_t size) {
  using Kind = H3FrameEvent::Kind;
  std::vector<std::string> events;
  const auto add_data = [&events](std::string_view piece) {
    if (events.empty() || !events.back().starts_with("DATA ")) events.emplace_back("DATA ");
    events.back() += piece;
  };
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::string_view piece = bytes.substr(at, size);
    for (bool more = true; more;) {
      const H3FrameEvent event = reader.next(piece);
      if (event.kind == Kind::kData) add_data(event.payload);
      if (event.kind == Kind::kHeaders) events.push_back("HEADERS " + std::string(event.payload));
      if (event.kind == Kind::kSettings) events.push_back("SETTINGS " + std::string(event.payload));
      if (event.kind == Kind::kGoaway) events.push_back("GOAWAY");
      if (event.kind == Kind::kError)
        events.push_back("ERROR " + std::to_string(static_cast<std::uint64_t>(event.error.code)) +
                         " " + std::string(event.error.reason));
      more = event.kind != Kind::kNone;
    }
    EXPECT_TRUE(piece.empty());
  }
  return events;
}

std::vector<std::string> on_request(const std::string& bytes) {
  H3FrameReader reader(H3FrameReader::Stream::kRequest);
  return read_frames(reader, bytes, bytes.size());
}
std::vector<std::string> on_control(const std::string& bytes) {
  H3FrameReader reader(H3FrameReader::Stream::kControl);
  return read_frames(reader, bytes, bytes.size());
}

TEST(H3FrameReader, ReadsFramesFromPiecesOfAnySize) {
  const std::string grease(70'000, 'g');
  const std::string bytes = frame(0x21, "before") + frame(1, "fields") + frame(0, "one ") +
                            frame(0x1f * 1000 + 0x21, grease) + frame(0, "") + frame(0, "two") +
                            frame(1, "trailers");
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1000}, bytes.size()}) {
    H3FrameReader reader(H3FrameReader::Stream::kRequest);
    EXPECT_THAT(read_frames(reader, bytes, size),
                ElementsAre("HEADERS fields", "DATA one two", "HEADERS trailers"))
        << size;
    EXPECT_TRUE(reader.is_between_frames());
  }
}

TEST(H3FrameReader, GoesOnFromATypeThatWasReadElsewhere) {
  H3FrameReader reader(H3FrameReader::Stream::kRequest);
  reader.begin_with(1);
  EXPECT_THAT(read_frames(reader, "\x02hi", 3), ElementsAre("HEADERS hi"));
}

TEST(H3FrameReader, KnowsWhereAStreamMustNotEnd) {
  H3FrameReader reader(H3FrameReader::Stream::kRequest);
  const std::string bytes = frame(1, "x");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    std::string_view byte = std::string_view(bytes).substr(size - 1, 1);
    reader.next(byte);
    EXPECT_FALSE(reader.is_between_frames()) << size;
  }
}

TEST(H3FrameReader, RefusesWhatMustNotStandOnARequest) {
  for (const std::uint64_t type : {0x02U, 0x03U, 0x04U, 0x05U, 0x06U, 0x07U, 0x08U, 0x09U, 0x0dU})
    EXPECT_THAT(on_request(frame(1, "x") + frame(type, "") + frame(1, "y")),
                ElementsAre("HEADERS x", HasSubstr("ERROR 261 ")))
        << type;
  EXPECT_THAT(on_request(frame(0, "x")), ElementsAre("ERROR 261 DATA before HEADERS"));
}

TEST(H3FrameReader, RefusesWhatMustNotStandOnTheControlStream) {
  const std::string settings = frame(4, "");
  EXPECT_THAT(on_control(settings + frame(0x21, "g") + frame(7, "\x04") + frame(0x0d, "\x01")),
              ElementsAre("SETTINGS ", "GOAWAY"));
  EXPECT_THAT(on_control(frame(0x21, "") + settings), ElementsAre(HasSubstr("ERROR 266 ")));
  EXPECT_THAT(on_control(settings + settings),
              ElementsAre("SETTINGS ", "ERROR 261 SETTINGS twice"));
  for (const std::uint64_t type : {0x00U, 0x01U, 0x02U, 0x05U, 0x06U, 0x08U, 0x09U})
    EXPECT_THAT(on_control(settings + frame(type, "x")),
                ElementsAre("SETTINGS ", HasSubstr("ERROR 261 ")))
        << type;
}

TEST(H3FrameReader, HoldsNoHeadersOverItsLimit) {
  const std::string most(H3FrameReader::kMaxFrame, 'h');
  EXPECT_THAT(on_request(frame(1, most)), ElementsAre("HEADERS " + most));
  // Refused by what it announces, before it has come.
  EXPECT_THAT(on_request(varint(1) + varint(most.size() + 1)),
              ElementsAre(HasSubstr("ERROR 263 ")));
  EXPECT_THAT(on_control(varint(4) + varint(kMaxVarint)), ElementsAre(HasSubstr("ERROR 263 ")));
}

// ---- Settings

TEST(H3Settings, OfOursSayWhatBrowsersNeed) {
  std::string head;
  append_h3_control_head(head);
  ASSERT_EQ(head.substr(0, 2), "\x00\x04"s);
  EXPECT_THAT(head, HasSubstr("\xab\x60\x37\x42\x01"));  // draft-02's switch
  EXPECT_THAT(head, HasSubstr("\x33\x01"));
  const auto read = parse_h3_settings(std::string_view(head).substr(3));
  ASSERT_TRUE(std::holds_alternative<H3Settings>(read));
  EXPECT_TRUE(std::get<H3Settings>(read).connect_protocol);
  EXPECT_TRUE(std::get<H3Settings>(read).can_open_sessions());
}

TEST(H3Settings, OfChromiumAreUnderstood) {
  const std::string payload =
      "\x01\x80\x01\x00\x00\x06\x80\x00\x40\x00\x07\x40\x64\x33\x01\x80\xff\xd2\x77\x01"
      "\xab\x60\x37\x42\x01"s +
      varint(0x1f * 123456 + 0x21) + varint(987654321);
  const auto read = parse_h3_settings(payload);
  ASSERT_TRUE(std::holds_alternative<H3Settings>(read));
  EXPECT_TRUE(std::get<H3Settings>(read).can_open_sessions());
}

TEST(H3Settings, NeedDatagramsAndOneOfTheDrafts) {
  const auto can_open = [](const std::string& payload) {
    return std::get<H3Settings>(parse_h3_settings(payload)).can_open_sessions();
  };
  const std::string datagrams = "\x33\x01";
  EXPECT_FALSE(can_open(""));
  EXPECT_FALSE(can_open(datagrams));
  for (const std::uint64_t draft : {0x2b603742U, 0xc671706aU, 0x14e9cd29U, 0x2c7cf000U}) {
    EXPECT_TRUE(can_open(datagrams + varint(draft) + "\x01"));
    EXPECT_FALSE(can_open(datagrams + varint(draft) + "\x00"s));
    EXPECT_FALSE(can_open(varint(draft) + "\x01"));
  }
}

TEST(H3Settings, ThatAreWrongAreRefused) {
  const auto code = [](const std::string& payload) {
    const auto read = parse_h3_settings(payload);
    return std::holds_alternative<H3Error>(read) ? std::get<H3Error>(read).code : H3Code::kNoError;
  };
  EXPECT_EQ(code("\x33"), H3Code::kFrameError);
  EXPECT_EQ(code("\x33\x40"), H3Code::kFrameError);
  EXPECT_EQ(code("\x33\x02"), H3Code::kSettingsError);
  EXPECT_EQ(code("\x33\x01\x33\x01"), H3Code::kSettingsError);
  EXPECT_EQ(code("\x02\x01"), H3Code::kSettingsError);
  EXPECT_EQ(code("\x21\x05"), H3Code::kNoError);
}

// ---- Error codes

TEST(WtErrorCode, AreMovedBetweenHttp3AndTheApplication) {
  EXPECT_EQ(to_h3_code(0), 0x52e4a40fa8dbU);
  EXPECT_EQ(to_h3_code(42), 0x52e4a40fa906U);
  EXPECT_EQ(to_h3_code(77), 0x52e4a40fa92aU);
  EXPECT_EQ(to_h3_code(0xFFFFFFFF), 0x52e5ac983162U);
  for (const std::uint32_t code : {0U, 1U, 29U, 30U, 31U, 42U, 77U, 1234567U, 0xFFFFFFFFU})
    EXPECT_EQ(from_h3_code(to_h3_code(code)), code);
}

TEST(WtErrorCode, OfOthersAreNoneOfTheApplications) {
  EXPECT_EQ(from_h3_code(0x100), std::nullopt);
  EXPECT_EQ(from_h3_code(0x52e4a40fa8da), std::nullopt);
  EXPECT_EQ(from_h3_code(0x52e5ac983163), std::nullopt);
  // Between 29 and 30 stands a number that is kept for greasing.
  EXPECT_EQ(to_h3_code(30) - to_h3_code(29), 2U);
  EXPECT_EQ(from_h3_code(to_h3_code(29) + 1), std::nullopt);
}

}  // namespace
}  // namespace capnweb
