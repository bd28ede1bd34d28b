// cert_verb.cpp: capnweb cert new|show --cert FILE --key FILE
#include <CLI/CLI.hpp>
#include <capnweb/certificate.hpp>
#include <capnweb/error.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace capnweb {

namespace {

struct CertArguments {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::vector<std::string> names;
  int days = 14;
  bool replaces = false;
  std::string host;
};

std::string print_time(Certificate::Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  char text[32] = "";
  if (gmtime_r(&seconds, &parts)) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

void describe(const Certificate& certificate) {
  std::string names;
  for (const std::string& name : certificate.names()) names += (names.empty() ? "" : ", ") + name;
  std::cout << "sha256 " << certificate.hash().to_hex() << "\nnames  " << names << "\nfrom   "
            << print_time(certificate.not_before()) << "\nuntil  "
            << print_time(certificate.not_after()) << '\n';
  if (certificate.can_be_pinned())
    std::cout
        << "Browsers accept it by its hash:\n  new WebTransport(url, {serverCertificateHashes: ["
        << certificate.hash().to_javascript() << "]})\n";
  else
    std::cout << "Browsers do not accept it by its hash: for that it must be ECDSA P-256 and valid "
                 "for 14 days at most.\n";
}

void make(const CertArguments& arguments) {
  if (!arguments.replaces)
    for (const auto& file : {arguments.certificate, arguments.key})
      if (std::filesystem::exists(file))
        throw Error(file.string() + " is there already; --replace replaces it");
  SelfSigned options{.lifetime = std::chrono::days(arguments.days)};
  if (!arguments.names.empty()) options.names = arguments.names;
  const Certificate certificate = Certificate::self_signed(options);
  certificate.save(arguments.certificate, arguments.key);
  describe(certificate);
}

void show(const CertArguments& arguments) {
  const Certificate certificate = Certificate::load(arguments.certificate, arguments.key);
  describe(certificate);
  if (arguments.host.empty()) return;
  const std::string file = arguments.certificate.string();
  if (!certificate.covers(arguments.host)) throw Error(file + " does not name " + arguments.host);
  if (!certificate.is_valid_at(std::chrono::system_clock::now()))
    throw Error(file + " is not valid now");
}

CLI::App& add_part(CLI::App& verb, Action& chosen, const std::shared_ptr<CertArguments>& arguments,
                   const char* name, const char* help, void (*run)(const CertArguments&)) {
  CLI::App& part = *verb.add_subcommand(name, help);
  part.add_option("--cert", arguments->certificate, "The PEM file of the certificate.")
      ->type_name("FILE")
      ->required();
  part.add_option("--key", arguments->key, "The PEM file of its private key.")
      ->type_name("FILE")
      ->required();
  part.callback([arguments, &chosen, run] { chosen = [arguments, run] { run(*arguments); }; });
  return part;
}

}  // namespace

void add_cert_verb(CLI::App& app, Action& chosen) {
  const auto arguments = std::make_shared<CertArguments>();
  CLI::App& verb = *app.add_subcommand(
      "cert", "Makes and shows certificates for WebTransport, and their hashes for pages.");
  verb.require_subcommand(1);

  CLI::App& maker =
      add_part(verb, chosen, arguments, "new",
               "Makes one, ECDSA P-256, signed by itself, and writes both files.", make);
  maker
      .add_option("--name", arguments->names,
                  "A DNS name or an IP address of the server; without it, localhost and its "
                  "addresses. Repeatable.")
      ->type_name("NAME")
      ->allow_extra_args(false);
  maker
      .add_option("--days", arguments->days,
                  "How long it is valid; browsers accept a hash for 14 days at most.")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 36500))
      ->capture_default_str();
  maker.add_flag("--replace", arguments->replaces, "Replaces files that are there.");

  CLI::App& viewer =
      add_part(verb, chosen, arguments, "show", "Shows one: its hash, its names, its time.", show);
  viewer.add_option("--host", arguments->host, "Fails unless it names this host and is valid now.")
      ->type_name("NAME");
}

}  // namespace capnweb
