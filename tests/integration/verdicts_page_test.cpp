// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Makes docs/verdicts.md by giving a real run each answer, and compares it with the page that is
// there. With BINARLY_IMAGES_WRITE_VERDICTS set the page is written anew.

#include "support/command.hpp"
#include "support/packed.hpp"
#include "support/process.hpp"
#include "support/verdict_scene.hpp"
#include "tools/entry_text.hpp"
#include "tools/journal/entry_of.hpp"
#include "tools/journal/row_marks.hpp"
#include "tools/tally.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace binarly::testing::server_steps;
using namespace std::chrono_literals;

using scene = verdict_scene;

/// Nobody says anything meanwhile, so any time is long enough.
constexpr auto soon = 20ms;

std::string cells_of(const scene& what) {
  auto once = verify(what, false).value();
  const auto waited = verify(what, true);
  if (waited) CHECK(waited->verdict == once.verdict);
  const auto entry = tools::entry_of(once);
  tools::tally seen;
  seen.add(entry);
  const auto code = entry.verdict == verdict::cancelled ? tools::exit_code::drained : seen.code();
  std::ostringstream out;
  out << " | *" << to_string(entry.verdict) << "* | " << static_cast<int>(code) << " | "
      << (tools::is_final(entry.verdict) ? "yes" : "no") << " | " << (waited ? "no" : "yes")
      << " | "
      << (entry.failure ? '`' + entry.failure->code + '`' : tools::joined(tools::fields_of(entry)))
      << " | " << tools::advice_of(entry) << " |\n";
  return out.str();
}

class page {
 public:
  void section(const std::string& title) {
    out_ << "\n## " << title << "\n\n"
         << "| answer | verdict | exit code | final | looked at again | failure | what to do |\n"
            "|---|---|---|---|---|---|---|\n";
  }

  /// Of answers that all come to the same.
  void row(const std::string& answer, std::initializer_list<scene> all) {
    CAPTURE(answer);
    std::string cells;
    for (const auto& each : all) {
      const std::string made = cells_of(each);
      if (!cells.empty()) CHECK(made == cells);
      cells = made;
    }
    out_ << "| " << answer << cells;
  }
  void row(const std::string& answer, const scene& what) { row(answer, {what}); }

  void text(const std::string& lines) { out_ << lines; }

  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

scene image(std::string answer) {
  scene what;
  what.image = std::move(answer);
  return what;
}

scene expecting(std::string answer, std::optional<std::string> version) {
  auto what = image(std::move(answer));
  what.version = std::move(version);
  return what;
}

scene long_token(const std::string& status) {
  auto what = image(http(status, "<html></html>"));
  what.options = [](client_options& options) {
    options.auth = credentials::bearer(std::string(9214, 't'));
  };
  return what;
}

std::string with_scan(const std::string& type) {
  return image_json(R"(,"latestScan":{"id":"s","createTime":"2024-01-20T10:00:00Z","author":"a",)"
                    R"("latestScanState":{"id":"t","type":")" +
                    type + R"(","createTime":"2024-01-20T10:00:00Z"}})");
}

scene scan(const std::string& type) {
  auto what = image(http("200 OK", type.empty() ? image_json() : with_scan(type)));
  what.scan = true;
  return what;
}

scene accepted(scene what) {
  what.accept_failed_scans = true;
  return what;
}

scene checksum(std::string answer, const std::string& scan_type) {
  auto what = image(http("200 OK", scan_type.empty() ? image_json() : with_scan(scan_type)));
  what.sha256 = std::string(64, '1');
  what.report = std::move(answer);
  return what;
}

std::string sha256(char digit, std::size_t length = 64) {
  return R"({"alg":"SHA-256","content":")" + std::string(length, digit) + R"("})";
}

std::string report_body(const std::string& hashes) {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{)"
         R"("type":"firmware","name":"n","hashes":[)" +
         hashes + "]}}}";
}

std::string report(const std::string& hashes) { return http("200 OK", report_body(hashes)); }

/// An SPDX report of two packages, of which the first has the expected checksum.
scene spdx(const std::string& members) {
  const auto package = [](const std::string& id, char digit) {
    return R"({"SPDXID":")" + id + R"(","name":"n","checksums":[{"algorithm":"SHA256",)" +
           R"("checksumValue":")" + std::string(64, digit) + R"("}]})";
  };
  const std::string body = R"({"spdxVersion":"SPDX-2.3","packages":[)" + package("A", '1') + "," +
                           package("B", '2') + "]" + members + "}";
  auto what = checksum(http("200 OK", body), "done");
  what.format = sbom_format::spdx;
  return what;
}

scene gzipped(scene what) {
  const std::string coding = "Content-Encoding: gzip\r\n";
  if (!what.report.empty()) {
    what.report = http("200 OK", packed(report_body(sha256('1'))), coding);
  } else {
    what.image = http("200 OK", packed(image_json()), coding);
  }
  return what;
}

const std::string good_token = http("200 OK", R"({"access_token":"t","token_type":"Bearer"})");

scene token(std::string answer) {
  scene what;
  what.token = std::move(answer);
  return what;
}

scene tokens(std::string first, std::string other) {
  auto what = token(std::move(first));
  what.other_token = std::move(other);
  return what;
}

std::string okta(const std::string& code) {
  return R"({"errorCode":")" + code +
         R"(","errorSummary":"no","errorLink":"e","errorId":"1","errorCauses":[]})";
}

std::string nobodys_url() {
  static const deaf_port nobody;
  return "https://localhost:" + std::to_string(nobody.number());
}

scene tunnel(const std::string& answer, proxy_reply::ending then = proxy_reply::ending::close) {
  scene what;
  what.proxy.emplace(answer, then);
  return what;
}

/// A proxy's refusal; each further header line ends in CRLF.
scene refusing(const std::string& status, const std::string& headers = {}) {
  return tunnel("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\n\r\n");
}

scene asking_for_token(scene what) {
  what.token = good_token;
  return what;
}

scene socks(socks_reply reply) {
  scene what;
  what.socks = std::move(reply);
  return what;
}

scene bounded(scene what, std::chrono::milliseconds timeout_options::*which) {
  what.options = [which](client_options& options) { options.timeouts.*which = soon; };
  return what;
}

using service_script = std::function<server_script(const certificate_authority&)>;

scene meeting(service_script script) {
  scene what;
  what.meets = std::move(script);
  return what;
}

scene meeting(server_script script) {
  return meeting([script = std::move(script)](const certificate_authority&) { return script; });
}

scene showing(certificate_request request) {
  return meeting([request = std::move(request)](const certificate_authority& authority) {
    return server_script{secure({.identity = authority.issue(request)})};
  });
}

scene adjusted(std::function<void(client_options&)> options) {
  scene what;
  what.options = std::move(options);
  return what;
}

void add_image(page& to) {
  const std::string unversioned =
      R"({"id":"I","name":"n","version":null,"createTime":"2024-01-20T10:00:00Z","author":null,)"
      R"("parent":"products/P","files":null,"scans":null,"latestScan":null})";
  to.section("The platform, asked for the image");
  to.row("200, and all that is expected agrees", scene());
  to.row("200, and the version differs", expecting(http("200 OK", image_json()), "2"));
  to.row("200 with nulls, in members that nobody compares",
         expecting(http("200 OK", unversioned), std::nullopt));
  to.row("200, and the version is null", expecting(http("200 OK", unversioned), "1"));
  to.row("200 in gzip's coding, or behind a byte order mark",
         {gzipped(scene()), image(http("200 OK", "\xef\xbb\xbf" + image_json()))});
  to.row("200, about another image",
         image(http("200 OK", image_json("", "01JYJ0W0AACGC7QT1Q21SRWG94"))));
  to.row("202, 204", {image(http("202 Accepted", "{}")), image(http("204 No Content", ""))});
  to.row("404 in the form of the API", image(platform_error("404 Not Found")));
  to.row("403 in the form of the API", image(platform_error("403 Forbidden")));
  to.row("401", image(platform_error("401 Unauthorized")));
  to.row("400, 409, 422",
         {image(platform_error("400 Bad Request")), image(platform_error("409 Conflict")),
          image(platform_error("422 Unprocessable Entity"))});
  to.row("400, to a token of more than 4 kB", long_token("400 Bad Request"));
  to.row("431, to a token of more than 4 kB", long_token("431 Request Header Fields Too Large"));
  to.row("429", image(platform_error("429 Too Many Requests")));
  to.row("408", image(platform_error("408 Request Timeout")));
  to.row("500, 502, 503, 504", {image(platform_error("500 Internal Server Error")),
                                image(platform_error("502 Bad Gateway")),
                                image(platform_error("503 Service Unavailable")),
                                image(platform_error("504 Gateway Timeout"))});
}

void add_scans(page& to) {
  to.section("The platform, where `--wait-for-scan` is given");
  to.row("the latest scan is done", {scan("done"), scan("completed")});
  to.row("it has failed, or was cancelled", {scan("failed"), scan("cancelled")});
  to.row("the same with `--accept-failed-scans`",
         {accepted(scan("failed")), accepted(scan("cancelled"))});
  to.row("it has not ended when the time is up",
         {scan("new"), scan("running"), scan("in_progress"), scan("a state of the future")});
  to.row("there is no scan", {scan(""), scan("no_scans")});
}

void add_checksums(page& to) {
  to.section("The platform, where a checksum is expected");
  to.row("the report states it", checksum(report(sha256('1')), "running"));
  to.row("the report states it, in gzip's coding", gzipped(checksum("report", "done")));
  to.row("the report states another", checksum(report(sha256('2')), "running"));
  to.row("the report states two by its algorithm, and one is the expected",
         checksum(report(sha256('2') + "," + sha256('1')), "done"));
  to.row("the report states two by its algorithm, and none is the expected",
         checksum(report(sha256('2') + "," + sha256('3')), "done"));
  to.row("the report states one that cannot be used", checksum(report(sha256('1', 63)), "done"));
  to.row("the report describes one of several things", spdx(R"(,"documentDescribes":["A"])"));
  to.row("the report describes several things, or does not say which of several is the image",
         {spdx(R"(,"documentDescribes":["A","B"])"), spdx("")});
  to.row("the report states none, and the latest scan is done", checksum(report(""), "done"));
  to.row("the report states none, and the latest scan is not done",
         checksum(report(""), "running"));
  to.row("the report states none, and there is no scan", checksum(report(""), ""));
  to.row("202 or 204, and the latest scan is not done",
         {checksum(http("202 Accepted", "{}"), "running"),
          checksum(http("204 No Content", ""), "running")});
  to.row("the same, and the latest scan is done", {checksum(http("202 Accepted", "{}"), "done"),
                                                   checksum(http("204 No Content", ""), "done")});
  to.row("400, 404, 409 or 422, and the latest scan is not done",
         {checksum(platform_error("400 Bad Request"), "running"),
          checksum(platform_error("404 Not Found"), "running"),
          checksum(platform_error("409 Conflict"), "running"),
          checksum(platform_error("422 Unprocessable Entity"), "running")});
  to.row("404, and the latest scan is done", checksum(platform_error("404 Not Found"), "done"));
  to.row("400, 409 or 422, and the latest scan is done",
         {checksum(platform_error("400 Bad Request"), "done"),
          checksum(platform_error("409 Conflict"), "done"),
          checksum(platform_error("422 Unprocessable Entity"), "done")});
  to.row("500 or 502, and the latest scan is not done",
         {checksum(platform_error("500 Internal Server Error"), "running"),
          checksum(platform_error("502 Bad Gateway"), "running")});
  to.row("the same, and the latest scan is done",
         {checksum(platform_error("500 Internal Server Error"), "done"),
          checksum(platform_error("502 Bad Gateway"), "done")});
  to.row("403 in the form of the API", checksum(platform_error("403 Forbidden"), "done"));
  to.row("401", checksum(platform_error("401 Unauthorized"), "done"));
  to.row("404 of a stranger", checksum(http("404 Not Found", "<html>404</html>"), "done"));
}

void add_token_answers(page& to) {
  to.section("The identity server, asked for a token");
  to.row("a token", token(good_token));
  to.row("a token that the API refuses with 401", [] {
    auto what = token(good_token);
    what.image = platform_error("401 Unauthorized");
    return what;
  }());
  to.row("a wrong secret: 401, or 400 `invalid_client`",
         {token(http("401 Unauthorized", R"({"error":"invalid_client"})")),
          token(http("401 Unauthorized", R"({"error":"unauthorized_client"})")),
          token(http("400 Bad Request", R"({"error":"invalid_client"})"))});
  to.row("a wrong secret: 403 without a word", token(http("403 Forbidden", "")));
  to.row("a wrong secret, in Okta's form", token(http("401 Unauthorized", okta("invalid_client"))));
  to.row("a wrong secret, in Auth0's form",
         token(http("401 Unauthorized",
                    R"({"error":"access_denied","error_description":"Unauthorized"})")));
  to.row("a wrong scope, in Okta's form too",
         {token(http("400 Bad Request", R"({"error":"invalid_scope"})")),
          token(http("400 Bad Request", okta("invalid_scope")))});
  to.row("a wrong realm", token(http("404 Not Found", R"({"error":"Realm does not exist"})")));
  to.row("a wrong path", {token(http("404 Not Found", "<html>404</html>")),
                          token(http("404 Not Found", "404 page not found\n")),
                          token(http("404 Not Found", R"({"message":"no"})"))});
  to.row("a wrong password", token(http("400 Bad Request", R"({"error":"invalid_grant"})")));
  to.row("a wrong audience", token(http("403 Forbidden", R"({"error":"access_denied"})")));
  to.row("a wrong audience, in Auth0's form",
         token(http("403 Forbidden", R"({"error":"access_denied","error_description":)"
                                     R"("Service not enabled within domain: x"})")));
  to.row("a redirect", token(http("302 Found", "", "Location: https://login.example/\r\n")));
  to.row("an error in a 200", token(http("200 OK", R"({"error":"unauthorized_client"})")));
  to.row("no token in a 200", {token(http("200 OK", "<html>welcome</html>")),
                               token(http("200 OK", R"({"access_token":null})"))});
  to.row("429", token(http("429 Too Many Requests", "")));
  to.row("408, 500, 502, 503, 504",
         {token(http("408 Request Timeout", "")), token(http("500 Internal Server Error", "")),
          token(http("502 Bad Gateway", "")), token(http("503 Service Unavailable", "")),
          token(http("504 Gateway Timeout", ""))});
}

void add_token_ways(page& to) {
  const std::string nothing = http("404 Not Found", "<html>404</html>");
  auto unreachable = token("");
  unreachable.identity = [](client_credentials_options& who) { who.url = nobodys_url(); };
  auto unnamed = token("");
  unnamed.identity = [](client_credentials_options& who) {
    who.url = "https://" + std::string(64, 'a') + ".invalid";
  };
  auto untrusted = token("");
  untrusted.identity = [](client_credentials_options& who) {
    who.tls->ca_pem = certificate_authority().ca_pem();
  };
  auto other_unreachable = tokens(nothing, "");
  other_unreachable.identity = [](client_credentials_options& who) {
    who.alternative_url = nobodys_url();
  };
  to.section("The way to the identity server");
  to.row("its name is not resolved", unnamed);
  to.row("it refuses connections", unreachable);
  to.row("its certificate is not trusted", untrusted);
  to.row("it says nothing", bounded(token(""), &timeout_options::token));
  to.row("it does not speak HTTP", token("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  to.row("its 404, and a token from the alternative address (`kc-`)", tokens(nothing, good_token));
  to.row("its 404, and that of the alternative address", tokens(nothing, nothing));
  to.row("its 404, and the alternative address does not know the secret",
         tokens(nothing, http("401 Unauthorized", R"({"error":"invalid_client"})")));
  to.row("its 404, and the alternative address is in trouble",
         tokens(nothing, http("503 Service Unavailable", "")));
  to.row("its 404, and the alternative address refuses connections", other_unreachable);
  to.row("407 of the proxy before it",
         asking_for_token(
             refusing("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n")));
  to.row("403 of the proxy before it", asking_for_token(refusing("403 Forbidden")));
  to.row("502, 503, 504 of the proxy before it",
         {asking_for_token(refusing("502 Bad Gateway")),
          asking_for_token(refusing("503 Service Unavailable")),
          asking_for_token(refusing("504 Gateway Timeout"))});
}

void add_proxies(page& to) {
  const std::string opened = "HTTP/1.1 200 Connection established\r\n\r\n";
  to.section("The proxy, asked for a tunnel");
  to.row("407", refusing("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n"));
  to.row("407, and Basic is not among what it offers",
         {refusing("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM\r\n"),
          refusing("407 Proxy Authentication Required",
                   "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n")});
  to.row("401", refusing("401 Unauthorized", "WWW-Authenticate: Basic\r\n"));
  to.row("403", refusing("403 Forbidden"));
  to.row("404", refusing("404 Not Found"));
  to.row("500, 502, 503, 504",
         {refusing("500 Internal Server Error"), refusing("502 Bad Gateway"),
          refusing("503 Service Unavailable"), refusing("504 Gateway Timeout")});
  to.row("no HTTP", tunnel("SSH-2.0-OpenSSH_9.2\r\n\r\n", proxy_reply::ending::hold));
  to.row("the end of the connection", tunnel(""));
  to.row("nothing at all", bounded(tunnel("", proxy_reply::ending::hold), &timeout_options::proxy));
  to.row("200, and then the end of the tunnel", tunnel(opened));
  to.row("200, and then nothing from behind it",
         bounded(tunnel(opened, proxy_reply::ending::hold), &timeout_options::handshake));
}

void add_socks(page& to) {
  socks_reply unwelcome;
  unwelcome.to_greeting = "\5\xff";
  socks_reply wrong_password;
  wrong_password.to_greeting = "\5\2";
  wrong_password.to_password = "\1\1";
  auto signing_in = socks(wrong_password);
  signing_in.options = [](client_options& options) {
    options.proxy.user = "user";
    options.proxy.password = binarly::secret("a password");
  };
  socks_reply ended;
  ended.to_request.clear();
  ended.then = proxy_reply::ending::close;
  auto silent = ended;
  silent.then = proxy_reply::ending::hold;
  socks_reply unspoken;
  unspoken.to_greeting = "HTTP/1.1 400 Bad Request\r\n\r\n";
  to.section("The SOCKS 5 proxy, asked for a tunnel");
  to.row("a tunnel", socks(socks_reply()));
  to.row("no way to sign in that is spoken", socks(unwelcome));
  to.row("the user name or the password is refused", signing_in);
  to.row("not allowed (2)", socks(socks_refusal(2)));
  to.row(
      "it failed (1), network or host unreachable (3, 4), connection refused (5), TTL expired "
      "(6)",
      {socks(socks_refusal(1)), socks(socks_refusal(3)), socks(socks_refusal(4)),
       socks(socks_refusal(5)), socks(socks_refusal(6))});
  to.row("command or address not supported (7, 8)",
         {socks(socks_refusal(7)), socks(socks_refusal(8))});
  to.row("no SOCKS", socks(unspoken));
  to.row("the end of the connection", socks(ended));
  to.row("nothing at all", bounded(socks(silent), &timeout_options::proxy));
}

void add_strangers(page& to) {
  to.section("A stranger at the service's address");
  to.row("404 in plain text", image(http("404 Not Found", "404 page not found\n")));
  to.row("404 in HTML", image(http("404 Not Found", "<html><h1>Not Found</h1></html>")));
  to.row("404 in another JSON",
         image(http("404 Not Found", R"({"code":5,"message":"Not Found"})")));
  to.row("403 in HTML", image(http("403 Forbidden", "<html><h1>Forbidden</h1></html>")));
  to.row("401 in HTML", image(http("401 Unauthorized", "<html>log in</html>")));
  to.row("200 in HTML", image(http("200 OK", "<html>welcome</html>")));
  to.row("200 in another JSON", image(http("200 OK", R"({"status":"ok"})")));
  to.row("200 in a JSON that breaks off, or with nothing in it",
         {image(http("200 OK", R"({"id":"I","name":)")), image(http("200 OK", ""))});
  to.row("200 in a coding that was not asked for",
         image(http("200 OK", image_json(), "Content-Encoding: br\r\n")));
  to.row("a redirect", {image(http("302 Found", "", "Location: https://login.example/\r\n")),
                        image(http("301 Moved Permanently", "", "Location: /login\r\n"))});
  to.row("502, 503, 504 in HTML", {image(http("502 Bad Gateway", "<html>502</html>")),
                                   image(http("503 Service Unavailable", "<html>503</html>")),
                                   image(http("504 Gateway Timeout", "<html>504</html>"))});
  to.row("no HTTP", image("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  to.row("an answer that is too large",
         image("HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n"));
}

void add_certificates(page& to) {
  certificate_request self_signed;
  self_signed.self_signed = true;
  certificate_request elsewhere;
  elsewhere.names = {"DNS:elsewhere.example"};
  certificate_request expired;
  expired.valid_from = -2h;
  expired.valid_until = -1h;
  to.row("its certificate is of an unknown authority, or signed by itself",
         {meeting([](const certificate_authority&) {
            return server_script{
                secure({.identity = certificate_authority().issue(certificate_request())})};
          }),
          showing(self_signed)});
  to.row("its certificate is another host's", showing(elsewhere));
  to.row("its certificate has expired", showing(expired));
  to.row("its certificate comes without the intermediate", meeting([](const auto& authority) {
           return server_script{
               secure({.identity = authority.make_subordinate().issue(certificate_request())})};
         }));
  to.row("it demands a certificate of the client's", meeting([](const auto& authority) {
           return server_script{secure(
               {.identity = authority.issue(certificate_request()), .demands_certificate = true})};
         }));
}

void add_ways(page& to) {
  to.section("Nobody, or the way there");
  to.row("the name is not resolved", adjusted([](client_options& options) {
           // Longer than a label may be: no resolver asks anybody about it.
           options.base_url = "https://" + std::string(64, 'a') + ".invalid";
         }));
  to.row("the service, or the proxy, refuses connections",
         {adjusted([](client_options& options) { options.base_url = nobodys_url(); }),
          adjusted([](client_options& options) {
            options.proxy.url = "http" + nobodys_url().substr(5);
          })});
  auto no_descriptors = adjusted([](client_options& options) {
    const std::string name = "localhost";
    options.base_url.replace(options.base_url.find(name), name.size(), "127.0.0.1");
  });
  no_descriptors.no_descriptors = true;
  to.row("no file descriptor is left here", no_descriptors);
  to.row("the service does not speak TLS",
         meeting({read_raw(1), say_raw("HTTP/1.1 400 Bad Request\r\n\r\n"), fin()}));
  to.row("it says nothing instead of a handshake",
         bounded(meeting(server_script{}), &timeout_options::handshake));
  add_certificates(to);
  to.row("the connection ends before an answer",
         {meeting({secure(), request(), goodbye(), fin()}), meeting({secure(), request(), fin()}),
          meeting({secure(), request(), reset()})});
  to.row("the connection ends in the middle of the answer",
         meeting({secure(), request(), say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                  goodbye(), fin()}));
  to.row("nothing comes, or nothing more",
         {bounded(image(""), &timeout_options::first_byte),
          bounded(image("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                  &timeout_options::between_bytes)});
  auto stopped = image("");
  stopped.stopped = true;
  to.row("the run is stopped", stopped);
}

/// A request for the checksums of a file out of a scan's components, and what the command tells.
class components_rows {
 public:
  explicit components_rows(page& to) : to_(to) {
    to_.text(
        "\n## `hashes --source components`\n\n"
        "| answer | exit code | what is told |\n|---|---|---|\n");
  }

  void row(const std::string& answer, const std::string& states, words more = {"--file", file}) {
    CAPTURE(answer);
    const auto ref = remote_.service().image_at(0).ref;
    remote_.service().set_scan(ref, parse_scans(states + "=1").value().front());
    words arguments{"hashes",     ref.product_id(), ref.image_id(), "--ca-file",
                    remote_.ca(), "--source",       "components"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto end = run_command(arguments, remote_.variables());
    std::string told = end.errors.substr(0, end.errors.find('\n'));
    replace(told, "binarly-images: ", "");
    replace(told, ref.path(), "the image");
    to_.text("| " + answer + " | " + std::to_string(end.code) + " | " + told + " |\n");
  }

  static constexpr const char* file = "firmware.bin";

 private:
  static void replace(std::string& in, const std::string& part, const std::string& with) {
    if (const auto at = in.find(part); at != in.npos) in.replace(at, part.size(), with);
  }

  page& to_;
  served remote_;
};

void add_components(page& to) {
  components_rows rows(to);
  rows.row("the scan is done, and the file is in it", "done");
  rows.row("the scan is done, and the file is not in it", "done", {"--file", "other.bin"});
  rows.row("no file is named", "done", {});
  rows.row("the scan is running", "running");
  rows.row("the scan has failed", "failed");
  rows.row("there is no scan", "none");
}

constexpr const char* head =
    R"(# Verdicts

What each answer comes to. Final is only what the platform itself said about that upload: an image, or a 403 or 404 in the form of its API, which is a JSON object with a `message`. Everything else is *failed*: `--resume` looks it up again.

A gateway that answers a bare `{"message": …}` of its own cannot be told from the platform (Kong and AWS API Gateway can be set up so); one that adds a code, a status, a path or the like can.

This page is made by giving a run each of these answers (`./dev verdicts`), and a test compares it with what a run does. Where a row names several answers, each of them was given, and all came to the same.

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
  add_image(made);
  add_scans(made);
  add_checksums(made);
  add_components(made);
  add_token_answers(made);
  add_token_ways(made);
  add_proxies(made);
  add_socks(made);
  add_strangers(made);
  add_ways(made);
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
