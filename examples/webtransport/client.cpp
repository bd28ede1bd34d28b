// webtransport-client URL HASH NAME [TEXT...]: joins the chat, says the texts, prints what it hears
// until it has heard its own last word.
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chat.hpp"

capnweb::Task<> chat(std::vector<std::string> arguments) {
  const std::string& url = arguments[0];
  const std::string& name = arguments[2];
  const auto texts = std::span<const std::string>(arguments).subspan(3);

  // No authority vouches for the server's certificate: it is known by its hash.
  const auto hash = capnweb::CertificateHash::from_hex(arguments[1]);
  const capnweb::ConnectOptions options{.transport =
                                            capnweb::webtransport({.certificate_hashes = {hash}})};
  const auto member = co_await capnweb::connect<Member>(url, options);

  const std::string last = texts.empty() ? name + " is here" : name + ": " + texts.back();
  auto [heard_all, resolver] = capnweb::make_promise<void>();
  const auto done = std::make_shared<capnweb::PromiseResolver<void>>(std::move(resolver));
  const Listener listener = [last, done](const std::string& line) {
    std::cout << line << std::endl;
    if (line == last) done->resolve();
  };
  // All on their way at once, and done in this order.
  auto joined = member->join(name, listener);
  for (const std::string& text : texts) member->say(text).detach();
  co_await joined;
  co_await heard_all;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: webtransport-client URL HASH NAME [TEXT...]\n";
    return 2;
  }
  try {
    capnweb::run(chat(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (const std::exception& error) {
    std::cerr << "webtransport-client: " << error.what() << '\n';
    return 1;
  }
}
