// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// CSV as spreadsheets and people write it.

#include "support/manifest_rows.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace binarly::tools {

namespace {

void check_begins(const std::string& text, const std::string& start) {
  CHECK(text.substr(0, start.size()) == start);
}

}  // namespace

TEST_CASE("a sheet as Excel saves it: semicolons, sep=, another case, empty rows at the end") {
  const std::string sheet =
      "sep=;\r\n"
      "Product_ID;Image_ID;Version\r\n"
      "01JQPGDX8QW0YJ0XEKV1EVG534;01JYJ0W0AACGC7QT1Q21SRWG94;1.2.0\r\n"
      ";;\r\n"
      ";;\r\n";
  CHECK(shown(sheet) == "1 01JQPGDX8QW0YJ0XEKV1EVG534/01JYJ0W0AACGC7QT1Q21SRWG94 1.2.0");
  CHECK(rows_of(sheet)[0].image_id_at.line == 3);
  CHECK(rows_of(sheet)[0].image_id_at.column == 28);
  CHECK(shown("\xef\xbb\xbf" + sheet) == shown(sheet));
}

TEST_CASE("where the rows have another separator than the header, both are named") {
  const std::pair<std::string, std::string> kinds[] = {
      {",", "comma"}, {";", "semicolon"}, {"\t", "tab"}};
  for (const auto& [of_header, name] : kinds) {
    for (const auto& [of_row, other_name] : kinds) {
      if (of_row == of_header) continue;
      CAPTURE(name);
      CAPTURE(other_name);
      const std::string header = "product_id" + of_header + "image_id" + of_header + "version\n";
      check_begins(shown(header + "p" + of_row + "i" + of_row + "1\n"),
                   "1 line 2, column 6: the row has 1 of the header's 3 cells; the header sets its "
                   "names off by " +
                       name + "s, and this row has " + other_name + "s");
    }
    const std::string header = "product_id" + of_header + "image_id" + of_header + "version\n";
    check_begins(shown(header + "p" + of_header + "i\n"),
                 "1 line 2, column 4: the row has 2 of the header's 3 cells; leave none out, not "
                 "even an empty one, and set them off by " +
                     name + "s");
  }
}

TEST_CASE("the separator is the header's") {
  for (const std::string s : {",", ";", "\t"}) {
    CAPTURE(s);
    const std::string header = "product_id" + s + "image_id" + s + "version\n";
    CHECK(shown(header + "p" + s + "i" + s + "1\n") == "1 p/i 1");
    CHECK(shown(header + "p" + s + "i" + s + "\"1" + s + "0\"\n") == "1 p/i 1" + s + "0");
    CHECK(shown("\"product_id\"" + s + "\"image_id\"\n\"p\"" + s + "\"i\"\n") == "1 p/i");
    check_begins(shown(header + "p" + s + "i" + s + "1" + s + "2\n"),
                 "1 line 2, column 7: more cells than the header's 3; quote a cell that holds a");
  }
  // What rows hold decides nothing.
  CHECK(shown("product_id,image_id,version\np,i,1;2;3;4\n") == "1 p/i 1;2;3;4");
  CHECK(shown("product_id;image_id;version\np;i;1,2,3,4\n") == "1 p/i 1,2,3,4");
  // A name that holds another separator does not deceive it.
  CHECK(shown("\"a;b;c;d\",image_id,product_id\nx,i,p\n", {true, ""}) == "1 p/i");
}

TEST_CASE("a line sep= names the separator") {
  const std::string rows = "product_id;image_id\np;i\n";
  for (const std::string line : {"sep=;\n", "SEP=;\r\n", "\"sep=;\"\n", "sep=;;;\n", "\nsep=;\n"}) {
    CAPTURE(line);
    CHECK(shown(line + rows) == "1 p/i");
    // The rows are the same ones without it.
    CHECK(rows_of(line + rows)[0].digest == rows_of(rows)[0].digest);
  }
  CHECK(shown("sep=,\nproduct_id,image_id\np,i\n") == "1 p/i");
  CHECK(shown("sep=\t\nproduct_id\timage_id\np\ti\n") == "1 p/i");
  check_begins(shown("sep=|\nproduct_id|image_id\n"), "end: line 1, column 5: sep= names a separ");
  check_begins(shown("sep=,\nproduct_id;image_id\np;i\n"),
               "end: line 2, column 1: unknown column \"product_id;image_id\"");
}

TEST_CASE("a header in any case, with blanks around its names") {
  CHECK(shown("PRODUCT_ID,Image_Id,vErSiOn\np,i,1\n") == "1 p/i 1");
  const auto rows = rows_of(" product_id , image_id,\tversion, name \np , i,\"1, 2\" ,  a b \n");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].trouble == "");
  CHECK(rows[0].product_id == "p");
  CHECK(rows[0].image_id == "i");
  CHECK(rows[0].image_id_at.column == 5);
  CHECK(rows[0].version == "1, 2");
  CHECK(rows[0].name == "a b");
  // Without such a header blanks are a cell's own, but for ids and checksums, which have none.
  const auto tight =
      rows_of("product_id,image_id,name,md5\n p , i, n , " + std::string(32, 'a') + "\n");
  REQUIRE(tight.size() == 1);
  CHECK(tight[0].trouble == "");
  CHECK(tight[0].product_id == "p");
  CHECK(tight[0].image_id == "i");
  CHECK(tight[0].name == " n ");
  CHECK(tight[0].md5 == std::string(32, 'a'));
  CHECK(shown("product_id \t image_id\np\ti \n") == "1 p/i");
}

TEST_CASE("invisible characters in a header are shown") {
  check_begins(shown("product_id,image\xe2\x80\x8b_id\n"),
               "end: line 1, column 12: unknown column \"image\\xe2\\x80\\x8b_id\"");
  check_begins(shown("\xc2\xa0product_id,image_id\n"),
               "end: line 1, column 1: unknown column \"\\xc2\\xa0product_id\"");
}

TEST_CASE("columns without a name have to be empty") {
  CHECK(shown("product_id;image_id;;\np;i;;\nq;j\nr;k;\n") == "1 p/i; 2 q/j; 3 r/k");
  CHECK(shown(",product_id,image_id\n,p,i\n") == "1 p/i");
  check_begins(shown("product_id,image_id,\np,i,x\nq,j,\n"),
               "1 line 2, column 5: a cell in a column that the header gives no name");
  // As pandas writes its index.
  CHECK(shown(",product_id,image_id\n0,p,i\n", {true, ""}) == "1 p/i");
  check_begins(shown("product_id,image_id,version,\np,i\n"), "1 line 2, column 4: the row has 2");
}

TEST_CASE("empty rows of a spreadsheet are no uploads, but keep their numbers") {
  const std::string header = "product_id,image_id,version\n";
  CHECK(shown(header + "p,i,1\n,,\nq,j,2\n,,\n,,\n") == "1 p/i 1; 3 q/j 2");
  CHECK(shown(header + ",\np,i,1\n,,,,,\n , ,\t\nq,j,2\n") == "2 p/i 1; 5 q/j 2");
  CHECK(shown(";;\n" + header + "p,i,1\n") == "1 p/i 1");
  CHECK(shown("product_id\timage_id\n\t\np\ti\n") == "2 p/i");
  // Blank lines have none.
  CHECK(shown(header + "\n  \np,i,1\n\t\nq,j,2\n") == "1 p/i 1; 2 q/j 2");
  // An empty value that is expected is something.
  CHECK(shown(header + ",,\"\"\n") == "1 / ");
  check_begins(shown(header + ",,\n"), "end: line 3, column 1: the manifest ends after its");
  std::istringstream in(header + "p,i,1\n,,\n");
  manifest_reader reader(in);
  CHECK(reader.next().has_value());
  CHECK_FALSE(reader.next().has_value());
  CHECK(reader.rows() == 2);
}

TEST_CASE("further columns are refused in one message, or passed over and named") {
  const std::string text = "size,product_id,image_id,\"made\nby\",version\n9,p,i,\"x\ny\",1\n";
  check_begins(shown(text),
               "end: line 1, column 1: unknown columns \"size\", \"made\\x0aby\"; the");
  CHECK(shown(text).find("--ignore-columns passes over all others") != std::string::npos);
  std::istringstream in(text);
  manifest_reader reader(in, {true, ""});
  const auto row = reader.next();
  REQUIRE(row.has_value());
  CHECK(row->trouble == "");
  CHECK(row->version == "1");
  CHECK(row->image_id_at.line == 3);
  CHECK(reader.ignored().text() == "\"size\", \"made\\x0aby\"");
  // Nobody asked for what is in them, however long it is.
  CHECK(shown("product_id,image_id,x\np,i," + std::string(100'000, 'x') + "\nq,j,\"" +
                  std::string(100'000, 'x') + "\"\n",
              {true, ""}) == "1 p/i; 2 q/j");
  std::string many = "product_id,image_id";
  for (int name = 0; name < 100; ++name)
    many += ",x" + std::to_string(name);
  CHECK(shown(many + "\n").size() < 1000);
  for (int name = 0; name < 1000; ++name)
    many += ",y";
  CHECK(shown(many + "\n", {true, ""}).find("more than 1000 columns") != std::string::npos);
  check_begins(shown("product_id,image_id,x\np,i,\"" + std::string(3'000'000, '\n'), {true, ""}),
               "1 line ");
}

TEST_CASE("the ids may have the platform's own names") {
  CHECK(shown("id,name,version,createTime,parent\ni,n,1,2024-01-20T10:00:00Z,products/p\n") ==
        "1 p/i 1");
  CHECK(shown("Parent,ID\nproducts/p,i\nq,j\n") == "1 p/i; 2 q/j");
  CHECK(shown("image_id,name,version,scan_id\ni,n,1,s\n", {false, "p"}) == "1 p/i 1");
  // Beside the manifest's own they mean something else.
  CHECK(shown("id,parent,image_id,product_id\n1,2,i,p\n", {true, ""}) == "1 p/i");
}

TEST_CASE("a product that no row names is the one that was given") {
  const manifest_options with{false, "p"};
  CHECK(shown("image_id,version\ni,1\n", with) == "1 p/i 1");
  CHECK(shown("product_id,image_id\n,i\nq,j\n", with) == "1 p/i; 2 q/j");
  CHECK(shown("image_id\nproducts/q/images/i\n", with) == "1 /products/q/images/i");
  CHECK(shown("image_id\ni\n") == "1 /i");
  check_begins(shown("image_id\ni\n", {false, "a b"}),
               "1 line 2, column 1: the row names no product, and BINARLY_PRODUCT_ID cannot be");
  // Its lines are not read again for that.
  CHECK(rows_of("image_id,name\ni,\"a\nb\"\nj,c\n", {false, "a b"}).size() == 2);
  // The verdict on it is no other product's; a row that names its own is as it ever was.
  const auto digest = [](const std::string& text, const manifest_options& options) {
    return rows_of(text, options).at(0).digest;
  };
  CHECK(digest("image_id\ni\n", with) != digest("image_id\ni\n", {false, "q"}));
  CHECK(digest("image_id\ni\n", with) != digest("image_id\ni\n", {}));
  CHECK(digest("product_id,image_id\np,i\n", with) == digest("product_id,image_id\np,i\n", {}));
}

TEST_CASE("a short line costs no more in a file of many columns") {
  // Cells of one row are bounded together, too.
  std::string header = "product_id,image_id";
  std::string row = "p,i";
  for (int name = 0; name < 100; ++name) {
    header += ",x" + std::to_string(name);
    row += ",\"" + std::string(60'000, '\n') + "\"";
  }
  CHECK(shown(header + "\n" + row + "\n", {true, ""})
            .find("the row is longer than 2 MiB; is its quote closed?") != std::string::npos);
}

}  // namespace binarly::tools
