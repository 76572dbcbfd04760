// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Makes docs/verdicts.md by giving a real run each answer, and compares it with the page that is
// there. With BINARLY_IMAGES_WRITE_VERDICTS set the page is written anew.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_verify_run.hpp"
#include "support/connect_proxy.hpp"
#include "tools/entry_text.hpp"
#include "tools/journal/entry_of.hpp"
#include "tools/journal/row_marks.hpp"
#include "tools/tally.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

std::string http(const std::string& status, const std::string& body) {
  const bool empty = status.starts_with("204");
  return "HTTP/1.1 " + status + "\r\n" +
         (empty ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
}

/// An error in the form of the platform's API.
std::string platform(const std::string& status) { return http(status, R"({"message":"no"})"); }

std::string image_json(const std::string& more = "", const std::string& id = "I") {
  return R"({"id":")" + id +
         R"(","name":"n","version":"1","createTime":"2024-01-20T10:00:00Z","author":"a",)"
         R"("parent":"products/P")" +
         more + "}";
}

std::string with_scan(const std::string& type) {
  return image_json(R"(,"latestScan":{"id":"s","createTime":"2024-01-20T10:00:00Z","author":"a",)"
                    R"("latestScanState":{"id":"t","type":")" +
                    type + R"(","createTime":"2024-01-20T10:00:00Z"}})");
}

std::string report(const std::string& hashes) {
  return http("200 OK", R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{)"
                        R"("type":"firmware","name":"n","hashes":[)" +
                            hashes + "]}}}");
}

const std::string expected_sha256(64, '1');

std::string sha256(char digit) {
  return R"({"alg":"SHA-256","content":")" + std::string(64, digit) + R"("})";
}

/// What answers, and what is expected.
struct scene {
  std::string image = http("200 OK", image_json());
  std::string scans = http("200 OK", R"({"scans":[]})");
  std::string report;
  std::string token;                 // an identity server's answer; empty for a fixed token
  std::optional<proxy_reply> proxy;  // to a CONNECT; none for no proxy
  std::optional<errc> failure;       // in place of all this: of the way there
  std::string version = "1";
  bool checksum = false;
  bool scan = false;
  bool accept = false;
};

/// A verification, or none where it is looked at again and again.
std::optional<verification> verify(const scene& what, bool wait) {
  boost::asio::io_context context;
  int looks = 0;
  raw_server service(context.get_executor(), [&](const std::string& head) {
    if (head.find("/scans") != std::string::npos) return what.scans;
    if (head.find("/sbomReport") != std::string::npos) return what.report;
    ++looks;
    return what.image;
  });
  raw_server identity(context.get_executor(), [&what](const std::string&) { return what.token; });
  scripted_proxy proxy(context.get_executor(),
                       [&what](const std::string&) { return what.proxy.value(); });

  auto options = options_for(url_of_port(service.port()), service.ca_pem());
  if (!what.token.empty()) {
    client_credentials_options who;
    who.url = url_of_port(identity.port());
    who.client_id = "id";
    who.client_secret = secret("a secret");
    who.tls.emplace().ca_pem = identity.ca_pem();
    options.auth = credentials::client_credentials(std::move(who));
  }
  if (what.proxy) options.proxy.url = proxy.url();
  expectation upload(image_ref("P", "I"));
  upload.version = what.version;
  if (what.checksum) upload.sha256 = expected_sha256;
  if (wait) upload.wait = 1h;
  if (what.scan) upload.wait_for_scan = wait ? 1h : std::chrono::milliseconds(1);
  verify_options how;
  how.accept_failed_scans = what.accept;
  how.look_again = retry_policy().base_delay(1ms).jitter_kind(jitter::none).delay_cap(1ms);
  std::optional<verification> got;
  verify_run run(
      client(context.get_executor(), options), std::vector{upload},
      [&](verification done) { got = std::move(done); }, how);
  run_until(context, [&] { return run.done() || (wait && looks > 1); });
  const bool again = !run.done();
  if (again) run.cancel();
  run_until_done(context, run);
  return again ? std::nullopt : std::move(got);
}

verification broken(errc code) {
  verification out;
  out.failure = failure(code, "");
  out.verdict = verdict_of(out.failure);
  return out;
}

class page {
 public:
  void section(const std::string& title) {
    out_ << "\n## " << title << "\n\n"
         << "| answer | verdict | exit code | final | looked at again | failure | what to do |\n"
            "|---|---|---|---|---|---|---|\n";
  }

  void row(const std::string& answer, const scene& what) {
    CAPTURE(answer);
    const bool real = !what.failure;
    auto once = real ? verify(what, false).value() : broken(*what.failure);
    const auto waited = real ? verify(what, true) : broken(*what.failure);
    if (waited) CHECK(waited->verdict == once.verdict);
    const auto entry = tools::entry_of(once);
    tools::tally seen;
    seen.add(entry);
    const bool final = tools::is_final(entry.verdict);
    out_ << "| " << answer << " | *" << to_string(entry.verdict) << "* | "
         << static_cast<int>(entry.verdict == verdict::cancelled ? tools::exit_code::drained
                                                                 : seen.code())
         << " | " << (final ? "yes" : "no") << " | " << (waited ? "no" : "yes") << " | "
         << (entry.failure ? '`' + entry.failure->code + '`'
                           : tools::joined(tools::fields_of(entry)))
         << " | " << tools::advice_of(entry) << " |\n";
  }

  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

scene image(std::string answer) {
  scene what;
  what.image = std::move(answer);
  return what;
}

scene scan(const std::string& type) {
  auto what = image(http("200 OK", type.empty() ? image_json() : with_scan(type)));
  what.scan = true;
  return what;
}

scene checksum(std::string answer, const std::string& scan_type) {
  auto what = image(http("200 OK", scan_type.empty() ? image_json() : with_scan(scan_type)));
  what.checksum = true;
  what.report = std::move(answer);
  return what;
}

scene token(std::string answer) {
  scene what;
  what.token = std::move(answer);
  return what;
}

scene tunnel(const std::string& answer) {
  scene what;
  what.proxy.emplace(answer);
  return what;
}

scene way(errc code) {
  scene what;
  what.failure = code;
  return what;
}

void add_platform(page& to) {
  to.section("The platform, asked for the image");
  to.row("200, and all that is expected agrees", scene());
  scene other;
  other.version = "2";
  to.row("200, and the version differs", other);
  to.row("200, about another image",
         image(http("200 OK", image_json("", "01JYJ0W0AACGC7QT1Q21SRWG94"))));
  to.row("404 in the form of the API", image(platform("404 Not Found")));
  to.row("403 in the form of the API", image(platform("403 Forbidden")));
  to.row("401", image(platform("401 Unauthorized")));
  to.row("400, 409, 422", image(platform("422 Unprocessable Entity")));
  to.row("429", image(platform("429 Too Many Requests")));
  to.row("408", image(platform("408 Request Timeout")));
  to.row("500, 502, 503, 504", image(platform("500 Internal Server Error")));

  to.section("The platform, where `--wait-for-scan` is given");
  to.row("the latest scan is done", scan("done"));
  to.row("it has failed, or was cancelled", scan("failed"));
  auto accepted = scan("failed");
  accepted.accept = true;
  to.row("the same with `--accept-failed-scans`", accepted);
  to.row("it has not ended when the time is up", scan("running"));
  to.row("there is no scan", scan(""));

  to.section("The platform, where a checksum is expected");
  to.row("the report states it", checksum(report(sha256('1')), "running"));
  to.row("the report states another", checksum(report(sha256('2')), "running"));
  to.row("the report states none, and the latest scan is done", checksum(report(""), "done"));
  to.row("the report states none, and the latest scan is not done",
         checksum(report(""), "running"));
  to.row("the report states none, and there is no scan", checksum(report(""), ""));
  to.row("202 or 204, and the latest scan is not done",
         checksum(http("204 No Content", ""), "running"));
  to.row("400, 404, 409 or 422, and the latest scan is not done",
         checksum(platform("409 Conflict"), "running"));
  to.row("the same, and the latest scan is done", checksum(platform("404 Not Found"), "done"));
  to.row("500 or 502", checksum(platform("502 Bad Gateway"), "running"));
  to.row("403 in the form of the API", checksum(platform("403 Forbidden"), "done"));
  to.row("401", checksum(platform("401 Unauthorized"), "done"));
  to.row("404 of a stranger", checksum(http("404 Not Found", "<html>404</html>"), "done"));
}

void add_others(page& to) {
  to.section("The identity server, asked for a token");
  to.row("a wrong secret: 401, or 400 `invalid_client`",
         token(http("401 Unauthorized", R"({"error":"invalid_client"})")));
  to.row("a wrong secret: 403 without a word", token(http("403 Forbidden", "")));
  to.row("a wrong scope", token(http("400 Bad Request", R"({"error":"invalid_scope"})")));
  to.row("a wrong realm", token(http("404 Not Found", R"({"error":"Realm does not exist"})")));
  to.row("a wrong path", token(http("404 Not Found", "<html>404</html>")));
  to.row("a wrong password", token(http("400 Bad Request", R"({"error":"invalid_grant"})")));
  to.row("a wrong audience", token(http("403 Forbidden", R"({"error":"access_denied"})")));
  to.row("a redirect", token("HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n"
                             "Content-Length: 0\r\n\r\n"));
  to.row("an error in a 200", token(http("200 OK", R"({"error":"unauthorized_client"})")));
  to.row("no token in a 200", token(http("200 OK", "<html>welcome</html>")));
  to.row("429, 503", token(http("503 Service Unavailable", "")));

  to.section("The proxy, asked for a tunnel");
  to.row("407", tunnel("HTTP/1.1 407 Proxy Authentication Required\r\n"
                       "Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"));
  to.row("401", tunnel("HTTP/1.1 401 Unauthorized\r\n"
                       "WWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"));
  to.row("403", tunnel("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  to.row("404", tunnel("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  to.row("502, 503, 504", tunnel("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
  to.row("200, and then the end of the tunnel",
         tunnel("HTTP/1.1 200 Connection established\r\n\r\n"));

  to.section("A stranger at the service's address");
  to.row("404 in plain text", image(http("404 Not Found", "404 page not found\n")));
  to.row("404 in HTML", image(http("404 Not Found", "<html><h1>Not Found</h1></html>")));
  to.row("404 in another JSON",
         image(http("404 Not Found", R"({"code":5,"message":"Not Found"})")));
  to.row("403 in HTML", image(http("403 Forbidden", "<html><h1>Forbidden</h1></html>")));
  to.row("401 in HTML", image(http("401 Unauthorized", "<html>log in</html>")));
  to.row("200 in HTML", image(http("200 OK", "<html>welcome</html>")));
  to.row("a redirect", image("HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n"
                             "Content-Length: 0\r\n\r\n"));
  to.row("502, 503, 504 in HTML", image(http("502 Bad Gateway", "<html>502</html>")));
  to.row("no HTTP", image("SSH-2.0-OpenSSH_9.2\r\n\r\n"));

  to.section("Nobody, or the way there");
  to.row("the name is not resolved", way(errc::resolve_failed));
  to.row("no connection", way(errc::connect_failed));
  to.row("no TLS", way(errc::handshake_failed));
  to.row("the certificate is not trusted", way(errc::certificate_rejected));
  to.row("the client's certificate is not accepted", way(errc::client_certificate_rejected));
  to.row("the connection is lost", way(errc::connection_lost));
  to.row("the answer is cut short", way(errc::truncated));
  to.row("the answer is too large", way(errc::too_large));
  to.row("a deadline comes first", way(errc::timed_out));
  to.row("no token can be had for now", way(errc::token_unavailable));
  to.row("the run is stopped", way(errc::cancelled));
}

constexpr const char* head =
    R"(# Verdicts

What each answer comes to. Final is only what the platform itself said about that upload: an image, or a 403 or 404 in the form of its API, which is a JSON object with a `message`. Everything else is *failed*: `--resume` looks it up again.

A gateway that answers a bare `{"message": …}` of its own cannot be told from the platform (Kong and AWS API Gateway can be set up so); one that adds a code, a status, a path or the like can.

This page is made by giving a run each of these answers (`./dev verdicts`), and a test compares it with what a run does.

- *exit code*: that of a run with this upload alone. `get` has the same, and so has `hashes`, which asks for the report alone: a 404 of the platform is 1 there.
- *final*: kept by `--resume`, unless `--again` names the verdict.
- *looked at again*: within `--wait` or `--wait-for-scan`, as long as there is time.
- *failure*: the code, or the fields that differ.

A run stops early where going on would fail every row: when 20 verifications in a row fail because the token is refused for good (`token_refused`, `unauthorized`), or when the first 20 fail since a stranger answers. What was not looked up is left to `--resume`.

Journals that versions before 0.2 wrote are read by the same rule: a *missing* or *forbidden* which was no word of the platform, and a *mismatched* because of a scan that had not ended in time, are looked up again.
)";

}  // namespace

TEST_CASE("verdicts: the page says what a run does") {
  const char* const source = std::getenv("BINARLY_IMAGES_SOURCE");
  if (source == nullptr) return;
  page made;
  add_platform(made);
  add_others(made);
  const std::string text = head + made.text();
  const std::string path = std::string(source) + "/docs/verdicts.md";
  if (std::getenv("BINARLY_IMAGES_WRITE_VERDICTS") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  const std::string there{std::istreambuf_iterator<char>(file), {}};
  CHECK_MESSAGE(there == text, "write docs/verdicts.md anew: ./dev verdicts");
}
