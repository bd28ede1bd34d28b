// session_mutator.cpp: a third of the time libFuzzer's own mutations, else whole lines: new ones,
// copies, fewer, in another order, with another id.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "support/grammar.hpp"
#include "support/target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using capnweb::fuzz::Grammar;
using Lines = std::vector<std::string>;

constexpr std::size_t kMostLines = 60;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string join(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// Steps of our own side, see session.cpp.
std::string steps(Grammar& grammar) {
  constexpr std::string_view kSteps = "cccolkspppgemaaawdDnrRqQjtvuubiiIyYz";
  std::string line = "~";
  for (std::size_t left = 1 + grammar.pick(4); left > 0; --left)
    line += grammar.one_in(80) ? 'x' : kSteps[grammar.pick(kSteps.size())];
  return line;
}

std::string new_line(Grammar& grammar) {
  return grammar.one_in(4) ? steps(grammar) : grammar.message();
}

// Another number in place of the first one.
void change_id(std::string& line, Grammar& grammar) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto begin = std::find_if(line.begin(), line.end(), is_digit);
  if (begin == line.end()) return;
  const auto end = std::find_if_not(begin, line.end(), is_digit);
  line.replace(begin, end, std::to_string(grammar.pick(8)));
}

// Something new in place of what stands between two commas or brackets.
void put_expression(std::string& line, Grammar& grammar) {
  const std::size_t begin = line.find_first_of("[,:", grammar.pick(line.size() + 1));
  if (begin == std::string::npos) return;
  const std::size_t end = std::min(line.find_first_of(",]}", begin + 1), line.size());
  line.replace(begin + 1, end - begin - 1, grammar.expression(2));
}

void mutate(Lines& lines, Grammar& grammar) {
  const std::size_t at = grammar.pick(lines.size() + 1);
  const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
  if (lines.empty() || grammar.one_in(2)) {
    if (lines.size() < kMostLines) lines.insert(place, new_line(grammar));
    return;
  }
  std::string& line = lines[at == lines.size() ? at - 1 : at];
  switch (grammar.pick(6)) {
    case 0:
      line = new_line(grammar);
      break;
    case 1:
      std::swap(line, lines[grammar.pick(lines.size())]);
      break;
    case 2:
      lines.push_back(line);
      break;
    case 3:
      lines.erase(lines.begin() + (&line - lines.data()));
      break;
    case 4:
      change_id(line, grammar);
      break;
    default:
      put_expression(line, grammar);
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  Grammar grammar(seed);
  if (grammar.one_in(3)) return LLVMFuzzerMutate(data, size, max_size);
  Lines lines = split(std::string_view(reinterpret_cast<const char*>(data), size));
  for (std::size_t left = 1 + grammar.pick(3); left > 0; --left) mutate(lines, grammar);
  const std::string mutated = join(lines);
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}

// The beginning of one session and the end of another.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_size,
                                                 const std::uint8_t* second,
                                                 std::size_t second_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned seed) {
  Grammar grammar(seed);
  Lines lines = split(std::string_view(reinterpret_cast<const char*>(first), first_size));
  const Lines others = split(std::string_view(reinterpret_cast<const char*>(second), second_size));
  lines.resize(grammar.pick(lines.size() + 1));
  const auto from = static_cast<std::ptrdiff_t>(grammar.pick(others.size() + 1));
  lines.insert(lines.end(), others.begin() + from, others.end());
  const std::string joined = join(lines);
  const std::size_t size = std::min(joined.size(), max_size);
  std::memcpy(out, joined.data(), size);
  return size;
}
