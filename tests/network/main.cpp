// lossy-network LOSS REORDERING DELAY SEED: two network namespaces with a bad network between them,
// 198.18.0.1 on the one side and 198.18.0.2 on the other, until its standard input ends. For
// all transports: what is lost are IP packets, also those of TCP. LOSS and REORDERING are shares
// (0.05), DELAY is what there and back take together, in ms.
//
// Prints the two, for `nsenter --net=PATH COMMAND`, and at the end how many packets of how many
// were lost. Ends with 77 and says why where it may not make them.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <iostream>
#include <span>
#include <string>
#include <system_error>

#include "network/lossy_link.hpp"
#include "network/tun_namespace.hpp"

namespace {

using network::Clock;
using network::LossyLink;
using network::Quality;
using network::TunNamespace;

constexpr int kNotPermitted = 77;

// Whether it is the system that does not let us, for whichever reason.
bool is_not_permitted(const std::system_error& error) {
  constexpr std::array kReasons{EPERM, EACCES, ENOENT, ENODEV, ENOSYS, ENOSPC};
  return std::ranges::find(kReasons, error.code().value()) != kReasons.end();
}

bool is_ipv4(std::string_view packet) {
  return !packet.empty() && static_cast<unsigned char>(packet[0]) >> 4 == 4;
}

// Takes what there is from a side. What is not IPv4 is the kernel looking for routers.
void read_all(int tun, LossyLink& link) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = ::read(tun, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    const std::string_view packet(buffer.data(), static_cast<std::size_t>(size));
    if (is_ipv4(packet)) link.put(packet, Clock::now());
  }
}

// Gives a side what has arrived. What it does not take is lost.
void write_due(LossyLink& link, int tun) {
  while (link.next() && *link.next() <= Clock::now()) {
    const std::string packet = link.take();
    static_cast<void>(::write(tun, packet.data(), packet.size()));
  }
}

// Waits until a side has something, a packet arrives, or the input ends; false: it has ended.
bool wait(std::array<pollfd, 3>& polled, std::span<const LossyLink> links) {
  std::optional<Clock::time_point> next;
  for (const LossyLink& link : links)
    if (link.next()) next = std::min(next.value_or(Clock::time_point::max()), *link.next());
  timespec timeout{};
  if (next) {
    const auto left = std::max(*next - Clock::now(), Clock::duration::zero());
    timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count();
    timeout.tv_nsec = (left % std::chrono::seconds(1)).count();
  }
  if (::ppoll(polled.data(), polled.size(), next ? &timeout : nullptr, nullptr) < 0) return true;
  char ignored = 0;
  return polled[2].revents == 0 || ::read(STDIN_FILENO, &ignored, 1) > 0;
}

void relay(const std::array<TunNamespace, 2>& sides, const Quality& quality) {
  Quality back = quality;
  ++back.seed;
  std::array links{LossyLink(quality), LossyLink(back)};
  std::array<pollfd, 3> polled{pollfd{sides[0].tun(), POLLIN, 0}, pollfd{sides[1].tun(), POLLIN, 0},
                               pollfd{STDIN_FILENO, POLLIN, 0}};
  while (wait(polled, links))
    for (std::size_t i = 0; i < links.size(); ++i) {
      read_all(sides[i].tun(), links[i]);
      write_due(links[i], sides[1 - i].tun());
    }
  std::cout << links[0].lost() + links[1].lost() << ' ' << links[0].packets() + links[1].packets()
            << '\n';
}

int run(std::span<char*> arguments) {
  const Quality quality{.loss = std::stod(arguments[0]),
                        .reordering = std::stod(arguments[1]),
                        .delay = std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double, std::milli>(std::stod(arguments[2]) / 2)),
                        .seed = static_cast<unsigned>(std::stoul(arguments[3]))};
  const std::array sides{TunNamespace("198.18.0.1"), TunNamespace("198.18.0.2")};
  std::cout << sides[0].path() << ' ' << sides[1].path() << '\n' << std::flush;
  relay(sides, quality);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = std::span(argv, static_cast<std::size_t>(argc)).subspan(1);
  try {
    if (arguments.size() == 4) return run(arguments);
    std::cerr << "usage: lossy-network LOSS REORDERING DELAY SEED   (shares, ms)\n";
    return 2;
  } catch (const std::system_error& error) {
    std::cerr << "lossy-network: " << error.what() << '\n';
    return is_not_permitted(error) ? kNotPermitted : 1;
  } catch (const std::exception& error) {
    std::cerr << "lossy-network: not a number: " << error.what() << '\n';
    return 2;
  }
}
