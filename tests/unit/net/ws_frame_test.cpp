#include "net/ws_frame.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "value/text_scan.hpp"

namespace capnweb {
namespace {

using Kind = WsEvent::Kind;

constexpr WsMaskKey kKey{'\x12', '\x34', '\x56', '\x78'};
constexpr std::size_t kLimit = 1 << 20;

// An event that outlives the bytes it came from.
struct Seen {
  Kind kind;
  std::uint16_t code;
  std::string payload;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << static_cast<int>(seen.kind) << ' ' << seen.code << ' ' << seen.payload;
}

Seen text(std::string payload) { return {Kind::kText, 0, std::move(payload)}; }
Seen failure(std::uint16_t code, std::string why) { return {Kind::kError, code, std::move(why)}; }

void feed(WsReader& reader, std::string bytes, std::vector<Seen>& seen) {
  std::span<char> input(bytes);
  for (;;) {
    const WsEvent event = reader.next(input);
    if (event.kind == Kind::kNone) return;
    seen.push_back({event.kind, event.code, std::string(event.payload)});
  }
}

std::vector<Seen> read_all(WsReader& reader, const std::string& bytes) {
  std::vector<Seen> seen;
  feed(reader, bytes, seen);
  return seen;
}

// What a server makes of a client's bytes, fed whole and then byte by byte: both must agree.
std::vector<Seen> server_reads(const std::string& bytes, std::size_t limit = kLimit) {
  WsReader whole(WebSocketRole::kServer, limit);
  const std::vector<Seen> expected = read_all(whole, bytes);
  WsReader split(WebSocketRole::kServer, limit);
  std::vector<Seen> seen;
  for (char c : bytes) feed(split, std::string(1, c), seen);
  EXPECT_EQ(seen, expected) << "fed byte by byte";
  return expected;
}

std::string frame(WsOpcode opcode, std::string_view payload) {
  std::string out;
  append_ws_frame(out, opcode, payload, &kKey);
  return out;
}

// A frame with any first byte, also an illegal one.
std::string raw(unsigned first, std::string_view payload, const WsMaskKey& key = kKey) {
  std::string out = frame(WsOpcode::kText, "");
  out.clear();
  append_ws_frame(out, WsOpcode::kText, payload, &key);
  out[0] = static_cast<char>(first);
  return out;
}

std::string close_frame(std::string_view payload) { return frame(WsOpcode::kClose, payload); }

std::string repeat(std::string_view piece, std::size_t count) {
  std::string result;
  while (count-- > 0) result += piece;
  return result;
}

TEST(WsReader, ReadsMessagesOfEachLengthForm) {
  for (std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 127U, 65535U, 65536U, 100000U}) {
    const std::string payload = repeat("x", size);
    EXPECT_EQ(server_reads(frame(WsOpcode::kText, payload)), std::vector{text(payload)}) << size;
  }
}

TEST(WsReader, GivesAViewOfTheInputWhereAMessageIsWhole) {
  WsReader reader(WebSocketRole::kServer, kLimit);
  std::string bytes = frame(WsOpcode::kText, "first") + frame(WsOpcode::kText, "second");
  std::span<char> input(bytes);
  EXPECT_EQ(reader.next(input).payload.data(), bytes.data() + 6);
  const WsEvent second = reader.next(input);
  EXPECT_EQ(second.payload, "second");
  EXPECT_EQ(second.payload.data(), bytes.data() + 17);
  EXPECT_EQ(reader.buffered(), 0U);
}

TEST(WsReader, HoldsOnlyWhatIsUnfinished) {
  WsReader reader(WebSocketRole::kServer, kLimit);
  std::string bytes = frame(WsOpcode::kText, "0123456789");
  const std::string rest = bytes.substr(10);
  bytes.resize(10);
  EXPECT_TRUE(read_all(reader, bytes).empty());
  EXPECT_EQ(reader.buffered(), 4U);
  EXPECT_EQ(read_all(reader, rest), std::vector{text("0123456789")});
  EXPECT_EQ(reader.buffered(), 0U);
}

TEST(WsReader, DoesNotBelieveAnAnnouncedSize) {
  WsReader reader(WebSocketRole::kServer, std::size_t{1} << 40);
  std::string bytes = "\x81\xFF";
  bytes += std::string("\x00\x00\x00\x40\x00\x00\x00\x00", 8) + "\x12\x34\x56\x78" + "abc";
  EXPECT_TRUE(read_all(reader, bytes).empty());
  EXPECT_EQ(reader.buffered(), 3U);
}

TEST(WsReader, JoinsFragmentsAndLetsControlFramesThrough) {
  const std::string bytes = raw(0x01, "one ") + frame(WsOpcode::kPing, "p") + raw(0x00, "two ") +
                            raw(0x00, "") + frame(WsOpcode::kPong, "q") + raw(0x80, "three");
  EXPECT_EQ(server_reads(bytes), (std::vector{Seen{Kind::kPing, 0, "p"}, Seen{Kind::kPong, 0, "q"},
                                              text("one two three")}));
  EXPECT_EQ(server_reads(raw(0x01, "") + raw(0x80, "")), std::vector{text("")});
}

TEST(WsReader, RefusesWrongOrderOfFragments) {
  EXPECT_EQ(server_reads(raw(0x80, "x")),
            std::vector{failure(1002, "a continuation of no message")});
  EXPECT_EQ(server_reads(raw(0x00, "x")),
            std::vector{failure(1002, "a continuation of no message")});
  EXPECT_EQ(server_reads(raw(0x01, "x") + frame(WsOpcode::kText, "y")),
            std::vector{failure(1002, "a message begins inside of another")});
  EXPECT_EQ(server_reads(raw(0x01, "x") + raw(0x82, "y")),
            std::vector{failure(1002, "a message begins inside of another")});
  EXPECT_EQ(server_reads(raw(0x01, "x") + raw(0x80, "y") + raw(0x80, "z")),
            (std::vector{text("xy"), failure(1002, "a continuation of no message")}));
}

TEST(WsReader, RefusesReservedBitsAndOpcodes) {
  for (unsigned bit : {0x40U, 0x20U, 0x10U})
    EXPECT_EQ(server_reads(raw(0x81 | bit, "x")),
              std::vector{failure(1002, "a reserved bit is set")});
  for (unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
    EXPECT_EQ(server_reads(raw(0x80 | opcode, "x")), std::vector{failure(1002, "unknown opcode")});
}

TEST(WsReader, RefusesBadControlFrames) {
  for (unsigned opcode : {8U, 9U, 10U}) {
    EXPECT_EQ(server_reads(raw(opcode, "")),
              std::vector{failure(1002, "a control frame is fragmented")});
    EXPECT_EQ(server_reads(raw(0x80 | opcode, repeat("x", 126))),
              std::vector{failure(1002, "a control frame is too long")});
  }
  EXPECT_EQ(server_reads(frame(WsOpcode::kPing, repeat("x", 125))),
            (std::vector{Seen{Kind::kPing, 0, repeat("x", 125)}}));
}

TEST(WsReader, DemandsMasksOfClientsOnly) {
  std::string unmasked;
  append_ws_frame(unmasked, WsOpcode::kText, "x", nullptr);
  EXPECT_EQ(server_reads(unmasked), std::vector{failure(1002, "frames of clients must be masked")});
  WsReader client(WebSocketRole::kClient, kLimit);
  EXPECT_EQ(read_all(client, unmasked), std::vector{text("x")});
  EXPECT_EQ(read_all(client, frame(WsOpcode::kText, "x")),
            std::vector{failure(1002, "frames of servers must not be masked")});
}

TEST(WsReader, DemandsMinimalLengths) {
  const std::string key("\x00\x00\x00\x00", 4);
  EXPECT_EQ(server_reads(std::string("\x81\xFE\x00\x7D", 4) + key + repeat("x", 125)),
            std::vector{failure(1002, "a length is not minimal")});
  EXPECT_EQ(server_reads(std::string("\x81\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF", 10) + key),
            std::vector{failure(1002, "a length is not minimal")});
  EXPECT_EQ(server_reads(std::string("\x81\xFF\x80\x00\x00\x00\x00\x00\x00\x00", 10) + key),
            std::vector{failure(1002, "a length is negative")});
}

TEST(WsReader, CountsAllFragmentsAgainstTheLimit) {
  EXPECT_EQ(server_reads(frame(WsOpcode::kText, "12345678"), 8), std::vector{text("12345678")});
  EXPECT_EQ(server_reads(frame(WsOpcode::kText, "123456789"), 8),
            std::vector{failure(1009, "the message is too big")});
  EXPECT_EQ(server_reads(raw(0x01, "1234") + raw(0x80, "5678") + frame(WsOpcode::kText, "1"), 8),
            (std::vector{text("12345678"), text("1")}));
  // At the header, before the bytes have come.
  std::string begun = raw(0x80, repeat("x", 5));
  begun.resize(6);
  EXPECT_EQ(server_reads(raw(0x01, "1234") + begun, 8),
            std::vector{failure(1009, "the message is too big")});
}

TEST(WsReader, TellsOfABinaryMessageAtItsBeginning_T18) {
  std::string begun = raw(0x82, repeat("\xFF", 1000));
  begun.resize(8);
  EXPECT_EQ(server_reads(begun), (std::vector{Seen{Kind::kBinary, 0, ""}}));
  // What follows of it is skipped, and so are other messages.
  EXPECT_EQ(server_reads(raw(0x02, "\xFF\xFE") + raw(0x80, "\xFF") + frame(WsOpcode::kText, "x") +
                         frame(WsOpcode::kPing, "p")),
            (std::vector{Seen{Kind::kBinary, 0, ""}, Seen{Kind::kPing, 0, "p"}}));
}

TEST(WsReader, SkipsMessagesWhenAsked) {
  WsReader reader(WebSocketRole::kServer, 10);
  std::vector<Seen> seen;
  feed(reader, raw(0x01, "begun"), seen);
  reader.skip_messages();
  EXPECT_EQ(reader.buffered(), 0U);
  feed(reader, raw(0x80, repeat("\xFF", 1000)) + raw(0x82, "x") + frame(WsOpcode::kPing, "p"),
       seen);
  EXPECT_EQ(reader.buffered(), 0U);
  feed(reader, close_frame("\x03\xE8"), seen);
  EXPECT_EQ(seen, (std::vector{Seen{Kind::kPing, 0, "p"}, Seen{Kind::kClose, 1000, ""}}));
}

TEST(WsReader, ReadsCloseFrames) {
  EXPECT_EQ(server_reads(close_frame("")), (std::vector{Seen{Kind::kClose, kWsNoCode, ""}}));
  EXPECT_EQ(server_reads(close_frame("\x0B\xB8why")),
            (std::vector{Seen{Kind::kClose, 3000, "why"}}));
  EXPECT_EQ(server_reads(close_frame("\x03\xE8" + repeat("x", 123))),
            (std::vector{Seen{Kind::kClose, 1000, repeat("x", 123)}}));
  // Nothing counts that comes behind it.
  EXPECT_EQ(server_reads(close_frame("") + frame(WsOpcode::kText, "x") + "junk"),
            (std::vector{Seen{Kind::kClose, kWsNoCode, ""}}));
}

TEST(WsReader, RefusesBadCloseFrames) {
  EXPECT_EQ(server_reads(close_frame("x")), std::vector{failure(1002, "half a close code")});
  EXPECT_EQ(server_reads(close_frame("\x03\xE8\xC3\x28")),
            std::vector{failure(1007, "the close reason is not UTF-8")});
  for (unsigned code = 0; code <= 5010; ++code) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    WsReader reader(WebSocketRole::kServer, kLimit);
    const Seen seen = read_all(reader, close_frame(payload)).at(0);
    const bool is_legal = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                          (code >= 3000 && code <= 4999);
    EXPECT_EQ(seen.kind, is_legal ? Kind::kClose : Kind::kError) << code;
  }
}

TEST(WsReader, AcceptsUtf8HoweverItIsCut) {
  const std::string sample = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  for (std::size_t i = 0; i <= sample.size(); ++i)
    for (std::size_t j = i; j <= sample.size(); ++j)
      EXPECT_EQ(server_reads(raw(0x01, sample.substr(0, i)) + raw(0x00, sample.substr(i, j - i)) +
                             raw(0x80, sample.substr(j))),
                std::vector{text(sample)});
}

TEST(WsReader, RefusesWhatIsNoUtf8) {
  const std::vector<std::string> bad{
      "\x80",              // a continuation alone
      "\xC3",              // cut
      "\xC3\x28",          // no continuation
      "\xC0\x80",          // overlong
      "\xC1\xBF",          // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF5\x80\x80\x80",  // beyond U+10FFFF
      "\xFE",
      "\xFF",
      "\xE2\x82",
      "\xF0\x9F\x98",
  };
  for (const std::string& bytes : bad) {
    const auto expected = std::vector{failure(1007, "the text is not UTF-8")};
    EXPECT_EQ(server_reads(frame(WsOpcode::kText, "ok " + bytes)), expected);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
      EXPECT_EQ(server_reads(raw(0x01, bytes.substr(0, cut)) + raw(0x80, bytes.substr(cut))),
                expected);
  }
}

// Clients are told at once, not at the end of a message that may never come.
TEST(WsReader, RefusesBadUtf8AtItsFirstWrongByte) {
  for (std::string begun : {"\xCE\xBA\xF4\x90", "\xED\xA0", "\xE0\x9F", "\xF0\x8F", "a\xFF"}) {
    WsReader reader(WebSocketRole::kServer, kLimit);
    EXPECT_EQ(read_all(reader, raw(0x01, begun)),
              std::vector{failure(1007, "the text is not UTF-8")});
    WsReader bytewise(WebSocketRole::kServer, kLimit);
    std::string unfinished = frame(WsOpcode::kText, begun + "more that does not come");
    unfinished.resize(6 + begun.size());
    EXPECT_EQ(read_all(bytewise, unfinished), std::vector{failure(1007, "the text is not UTF-8")});
  }
}

TEST(WsReader, SwallowsEverythingAfterAnError) {
  WsReader reader(WebSocketRole::kServer, kLimit);
  EXPECT_EQ(read_all(reader, "\xFF\xFF").size(), 1U);
  EXPECT_TRUE(read_all(reader, frame(WsOpcode::kText, "x")).empty());
  EXPECT_EQ(reader.buffered(), 0U);
}

// Frames of all kinds, cut at random places, in both roles.
TEST(WsReader, DoesNotCareHowTheBytesAreCut) {
  std::mt19937 random(20261124);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 300; ++round) {
    const bool is_client = below(2) == 0;
    std::string bytes;
    std::vector<Seen> expected;
    const auto add = [&](unsigned first, std::string_view payload) {
      WsMaskKey key;
      for (char& c : key) c = static_cast<char>(below(256));
      const std::size_t begin = bytes.size();
      append_ws_frame(bytes, WsOpcode::kText, payload, is_client ? nullptr : &key);
      bytes[begin] = static_cast<char>(first);
    };
    for (std::size_t n = below(12); n > 0; --n) {
      std::string payload = repeat("z\xC3\xA9\xE2\x82\xAC", below(below(10) == 0 ? 20000 : 40));
      if (below(4) == 0) {
        payload.resize(payload.size() / 6 % 20 * 6);
        add(0x89, payload);
        expected.push_back({Kind::kPing, 0, payload});
        continue;
      }
      expected.push_back(text(payload));
      std::size_t done = 0;
      bool is_first = true;
      for (std::size_t parts = below(4); parts > 0; --parts) {
        const std::size_t size = below(payload.size() - done + 1);
        add(is_first ? 0x01 : 0x00, std::string_view(payload).substr(done, size));
        is_first = false;
        done += size;
      }
      add(is_first ? 0x81 : 0x80, std::string_view(payload).substr(done));
    }
    WsReader reader(is_client ? WebSocketRole::kClient : WebSocketRole::kServer, kLimit);
    std::vector<Seen> seen;
    const std::size_t piece = below(3) == 0 ? 100000 : 40;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min(1 + below(piece), bytes.size() - at);
      feed(reader, bytes.substr(at, size), seen);
      at += size;
    }
    ASSERT_EQ(seen, expected) << "round " << round;
  }
}

// Any bytes at all: at most one error, which is the last event, and no more held than was fed.
TEST(WsReader, SurvivesNoise) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::size_t n = random() % 200; n > 0; --n) bytes += static_cast<char>(random());
    if (round % 2) bytes.insert(0, frame(WsOpcode::kText, "good"));
    WsReader reader(WebSocketRole::kServer, 100);
    std::vector<Seen> seen;
    for (std::size_t at = 0; at < bytes.size(); at += 7) feed(reader, bytes.substr(at, 7), seen);
    EXPECT_LE(reader.buffered(), 100U);
    for (std::size_t i = 0; i + 1 < seen.size(); ++i) EXPECT_NE(seen[i].kind, Kind::kError);
  }
}

TEST(WsMask, IsTheSameAtEachOffset) {
  std::string plain;
  for (int i = 0; i < 100; ++i) plain += static_cast<char>(i * 37);
  std::string expected = plain;
  for (std::size_t i = 0; i < expected.size(); ++i)
    expected[i] = static_cast<char>(expected[i] ^ kKey[i % 4]);
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    std::string masked = plain;
    const bool first_is_ascii = apply_ws_mask(masked.data(), cut, kKey);
    const bool rest_is_ascii = apply_ws_mask(masked.data() + cut, masked.size() - cut, kKey, cut);
    EXPECT_EQ(masked, expected) << cut;
    const auto end = expected.data() + expected.size();
    EXPECT_EQ(first_is_ascii, find_non_ascii(expected.data(), end) >= expected.data() + cut);
    EXPECT_EQ(rest_is_ascii, find_non_ascii(expected.data() + cut, end) == end);
  }
}

TEST(WsWriter, WritesTheShortestLength) {
  const auto header = [](std::uint64_t size) {
    std::string out;
    append_ws_header(out, WsOpcode::kText, size, nullptr);
    return out;
  };
  EXPECT_EQ(header(0), std::string("\x81\x00", 2));
  EXPECT_EQ(header(125), "\x81\x7D");
  EXPECT_EQ(header(126), std::string("\x81\x7E\x00\x7E", 4));
  EXPECT_EQ(header(65535), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(header(65536), std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10));
  std::string masked;
  append_ws_frame(masked, WsOpcode::kPong, "ab", &kKey);
  EXPECT_EQ(masked,
            "\x8A\x82\x12\x34\x56\x78"
            "\x73\x56");
}

TEST(WsClosePayload, CutsTheReasonBetweenCharacters_T20) {
  EXPECT_EQ(ws_close_payload(3000, "bye"),
            "\x0B\xB8"
            "bye");
  EXPECT_EQ(ws_close_payload(1000, repeat("x", 200)), "\x03\xE8" + repeat("x", 123));
  // 41 characters of three bytes are 123; one byte before them leaves room for 40.
  EXPECT_EQ(ws_close_payload(1000, repeat("\xE2\x82\xAC", 50)),
            "\x03\xE8" + repeat("\xE2\x82\xAC", 41));
  EXPECT_EQ(ws_close_payload(1000, "a" + repeat("\xE2\x82\xAC", 50)),
            "\x03\xE8"
            "a" +
                repeat("\xE2\x82\xAC", 40));
  EXPECT_EQ(ws_close_payload(1000, repeat("\xF0\x9F\x98\x80", 1000)),
            "\x03\xE8" + repeat("\xF0\x9F\x98\x80", 30));
}

TEST(WsClosePayload, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(ws_close_payload(1000, "a\xED\xA0\x80z"),
            "\x03\xE8"
            "a\xEF\xBF\xBDz");
  EXPECT_EQ(ws_close_payload(1000, "a\xFFz"),
            "\x03\xE8"
            "a\xEF\xBF\xBDz");
  const std::string many = ws_close_payload(1000, repeat("\xFF", 1000));
  EXPECT_EQ(many, "\x03\xE8" + repeat("\xEF\xBF\xBD", 41));
}

}  // namespace
}  // namespace capnweb
