// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import { PageHead } from "../components/layout";

export default function NotFoundPage() {
  return (
    <>
      <PageHead crumbs={[]} title="There is no such page" />
      <p>
        It may have been moved. Everything begins at the <Link href="/">overview</Link>.
      </p>
    </>
  );
}
