// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What is left of secrets in the memory of this process: the service is in another one.

#include "connect/basic_credentials.hpp"
#include "domain/wipe.hpp"
#include "support/client_fixture.hpp"
#include "support/command.hpp"
#include "support/process.hpp"
#include "support/tinyproxy.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;

/// A text that this program's memory holds in disguise alone.
class disguised {
 public:
  /// Wipes the text that it is given.
  explicit disguised(std::string text) : veiled_(text) {
    for (char& c : veiled_)
      c = static_cast<char>(c ^ veil);
    domain::wipe(text);
  }

  [[nodiscard]] std::size_t size() const noexcept { return veiled_.size(); }
  [[nodiscard]] char at(std::size_t i) const noexcept {
    return static_cast<char>(veiled_[i] ^ veil);
  }
  [[nodiscard]] binarly::secret plain() const {
    std::string text = veiled_;
    for (char& c : text)
      c = static_cast<char>(c ^ veil);
    return binarly::secret(std::move(text));
  }
  [[nodiscard]] bool is_at(const char* bytes) const noexcept {
    for (std::size_t i = 0; i < size(); ++i) {
      if (bytes[i] != at(i)) return false;
    }
    return true;
  }

 private:
  static constexpr int veil = 0x55;
  std::string veiled_;
};

disguised some_letters(std::size_t first) {
  std::string text(40, ' ');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>('a' + (first + 7 * i + i * i) % 26);
  return disguised(std::move(text));
}

/// What follows the word in a file, as far as `size`.
disguised part_of(const std::filesystem::path& path, std::string_view word = "",
                  std::size_t size = std::string::npos) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  std::string text(std::size_t{64} * 1024, '\0');
  const auto count = ::read(file, text.data(), text.size());
  ::close(file);
  REQUIRE(count > 0);
  const std::string_view seen(text.data(), static_cast<std::size_t>(count));
  const auto begin = seen.find(word);
  REQUIRE(begin != seen.npos);
  std::string part(seen.substr(begin + word.size(), size));
  domain::wipe(text);
  return disguised(std::move(part));
}

/// Whether it stands in what this process can write to. (How often cannot be told: the search has
/// memory of its own.)
bool remembers(const disguised& what) {
  constexpr std::uint64_t largest_mapping = std::uint64_t{1}
                                            << 30U;  // a sanitizer's own are larger
  bool found = false;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  std::ifstream maps("/proc/self/maps");
  std::vector<char> bytes;
  for (std::string line; std::getline(maps, line);) {
    const auto dash = line.find('-');
    const auto space = line.find(' ');
    if (line.compare(space + 1, 2, "rw") != 0) continue;
    const std::uint64_t begin = std::stoull(line.substr(0, dash), nullptr, 16);
    const std::uint64_t end = std::stoull(line.substr(dash + 1, space - dash - 1), nullptr, 16);
    if (end - begin > largest_mapping) continue;
    constexpr std::size_t piece = 1024 * 1024;
    bytes.resize(piece + what.size());
    for (std::uint64_t at = begin; at < end; at += piece) {
      const auto wanted = std::min<std::uint64_t>(bytes.size(), end - at);
      const auto got = ::pread(memory, bytes.data(), wanted, static_cast<off_t>(at));
      const char* from = bytes.data();
      const char* const last = from + std::max<ssize_t>(got - static_cast<ssize_t>(what.size()), 0);
      // By the library: a sanitizer would look at each byte for itself.
      while (from < last) {
        const auto* const candidate = static_cast<const char*>(
            std::memchr(from, what.at(0), static_cast<std::size_t>(last - from)));
        if (candidate == nullptr) break;
        if (what.is_at(candidate)) found = true;
        from = candidate + 1;
      }
    }
  }
  ::close(memory);
  // The compiler may leave out what is written right before it is freed.
  domain::wipe(bytes.data(), bytes.size());
  return found;
}

/// The service that a new user tries, in a process of its own.
class served_elsewhere {
 public:
  explicit served_elsewhere(const words& more = {})
      : process_([&] {
          words arguments{"serve", "--images", "10", "--ca-out", ca_path()};
          arguments.insert(arguments.end(), more.begin(), more.end());
          return command(arguments);
        }()) {
    wait_until([this] { return contains(process_.output(), "\n"); });
    const auto output = process_.output();
    options = options_for(output.substr(0, output.find('\n')), read_file(ca_path()));
  }

  client_options options;

 private:
  [[nodiscard]] std::string ca_path() const { return directory_.path() / "ca.pem"; }

  temporary_directory directory_;
  child_process process_;
};

void look_up_some(asio::io_context& context, const client& from) {
  for (int i = 0; i < 20; ++i) {
    const lookup one(from, image_ref("01JQPGDX8QW0YJ0XEKV1EVG534", "01JYJ0W0AACGC7QT1Q21SRWG94"));
    run_until(context, [&one] { return one.done(); });
    REQUIRE(one.why().code() == errc::not_found);
  }
}

/// Looks up with a client of these options: what they hold is remembered as long as it lives.
void use_and_forget(client_options& options, std::initializer_list<const disguised*> what) {
  {
    asio::io_context context;
    std::optional<client> from(std::in_place, context.get_executor(), options);
    look_up_some(context, *from);
    for (const auto* const each : what)
      CHECK(remembers(*each));
    from.reset();
    REQUIRE(runs_out(context));
  }
  options = client_options();
  for (const auto* const each : what)
    CHECK_FALSE(remembers(*each));
}

TEST_CASE("secrets: nothing of a token is left once its client is gone") {
  const auto token = some_letters(3);
  served_elsewhere service;
  service.options.auth = credentials::bearer(token.plain());
  use_and_forget(service.options, {&token});
}

TEST_CASE("secrets: nor of a client's secret, whichever way it is sent") {
  for (const auto how : {client_authentication::body, client_authentication::basic}) {
    CAPTURE(static_cast<int>(how));
    const auto hidden = some_letters(11);
    served_elsewhere service({"--client-id", "robot", "--client-secret", "another one"});
    {
      std::optional<asio::io_context> context(std::in_place);
      client_credentials_options who;
      who.url = service.options.base_url;
      who.client_id = "robot";
      who.client_secret = hidden.plain();
      who.authentication = how;
      service.options.auth = credentials::client_credentials(std::move(who));
      std::optional<client> from(std::in_place, context->get_executor(), service.options);
      const lookup one(*from, image_ref("P", "I"));
      run_until(*context, [&one] { return one.done(); });
      CHECK(one.why().detail().step == phase::token);
      CHECK(remembers(hidden));
      from.reset();
      REQUIRE(runs_out(*context));
      service.options.auth = credentials();
    }
    CHECK_FALSE(remembers(hidden));
  }
}

/// Gets its tokens from the service that plays an identity server, too.
credentials robot_at(const std::string& url) {
  client_credentials_options who;
  who.url = url;
  who.client_id = "robot";
  who.client_secret = binarly::secret("word");
  return credentials::client_credentials(std::move(who));
}

TEST_CASE("secrets: nor of a token that an identity server issued") {
  // Services with the same seed issue the same tokens; other tests leave those of the usual one.
  const words identity{"--client-id", "robot", "--client-secret", "word", "--seed", "4711"};
  const temporary_directory directory;
  const auto answer = directory.path() / "answer";
  const served_elsewhere twin(identity);
  child_process curl(
      {"curl", "--silent", "--insecure", "--output", answer.string(), "--data",
       "grant_type=client_credentials&client_id=robot&client_secret=word",
       twin.options.base_url + "/realms/BinarlyRealm/protocol/openid-connect/token"});
  REQUIRE(curl.wait() == 0);
  const auto token = part_of(answer, "\"access_token\":\"", 60);
  REQUIRE_FALSE(remembers(token));

  served_elsewhere service(identity);
  service.options.auth = robot_at(service.options.base_url);
  use_and_forget(service.options, {&token});
}

TEST_CASE("secrets: nor of a token that came in gzip's coding, nor of the coded bytes") {
  // With another seed than other tests, since what these have left would be found.
  const words identity{"--client-id", "robot", "--client-secret", "word",
                       "--seed",      "4712",  "--set",           "token-faults=gzip=1"};
  const temporary_directory directory;
  const auto fetch = [&](const client_options& from, const std::string& name, const words& more) {
    const auto answer = directory.path() / name;
    words arguments{"curl",
                    "--silent",
                    "--insecure",
                    "--output",
                    answer.string(),
                    "--data",
                    "grant_type=client_credentials&client_id=robot&client_secret=word"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(from.base_url + "/realms/BinarlyRealm/protocol/openid-connect/token");
    child_process curl(arguments);
    REQUIRE(curl.wait() == 0);
    return answer;
  };
  const served_elsewhere twin(identity);
  const served_elsewhere other_twin(identity);
  const auto token =
      part_of(fetch(twin.options, "read", {"--compressed"}), "\"access_token\":\"", 60);
  const auto coded = part_of(fetch(other_twin.options, "coded", {}), "\x1f\x8b", 100);
  REQUIRE_FALSE(remembers(token));
  REQUIRE_FALSE(remembers(coded));

  served_elsewhere service(identity);
  service.options.auth = robot_at(service.options.base_url);
  use_and_forget(service.options, {&token});
  CHECK_FALSE(remembers(coded));
}

TEST_CASE("secrets: nor of a proxy's password") {
  const auto password = some_letters(17);
  const disguised sent(std::string(
      connect::basic_credentials("agent", password.plain().reveal()).reveal().substr(20)));
  REQUIRE_FALSE(remembers(sent));
  const tinyproxy_server proxy;
  served_elsewhere service;
  service.options.proxy.url = proxy.url();
  service.options.proxy.user = "agent";
  service.options.proxy.password = password.plain();
  use_and_forget(service.options, {&password, &sent});
}

TEST_CASE("secrets: nor of the text of a private key, nor of its passphrase") {
  const temporary_directory directory;
  const auto phrase = some_letters(5);
  const std::string key_file = directory.path() / "key.pem";
  const std::string certificate_file = directory.path() / "certificate.pem";
  child_process openssl(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj",
       "/CN=robot", "-passout", "stdin", "-keyout", key_file, "-out", certificate_file},
      {}, phrase.plain().reveal());
  REQUIRE(openssl.wait() == 0);
  const auto key = part_of(key_file);
  const auto line = part_of(key_file, "KEY-----\n", 60);
  REQUIRE_FALSE(remembers(phrase));
  served_elsewhere service;
  auto& tls = service.options.tls;
  tls.certificate_file = certificate_file;
  tls.key_passphrase = [&phrase] { return phrase.plain(); };
  for (const bool from_file : {true, false}) {
    CAPTURE(from_file);
    tls.key_file = from_file ? key_file : "";
    if (!from_file) tls.key_pem = key.plain();
    {
      std::optional<asio::io_context> context(std::in_place);
      std::optional<client> from(std::in_place, context->get_executor(), service.options);
      CHECK(remembers(line) == !from_file);
      CHECK_FALSE(remembers(phrase));
      look_up_some(*context, *from);
      from.reset();
      REQUIRE(runs_out(*context));
    }
    tls.key_pem = shared_secret();
    CHECK_FALSE(remembers(line));
    CHECK_FALSE(remembers(phrase));
  }
}

}  // namespace
