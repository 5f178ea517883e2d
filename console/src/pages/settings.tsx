// SPDX-License-Identifier: Apache-2.0
import type { SettingKind } from "../api/settings";
import { PageHead } from "../components/layout";
import { SettingsTable } from "../components/settings-table";

const TEXTS = {
  configs: { title: "Configs", about: "Values that every device of the account can read." },
  secrets: {
    title: "Secrets",
    about:
      "Values that every device of the account can read and nobody else. They are kept encrypted and never shown.",
  },
};

export default function SettingsPage({ kind }: { kind: SettingKind }) {
  const { title, about } = TEXTS[kind];
  return (
    <>
      <PageHead crumbs={[{ text: "Settings" }, { text: title }]} title={title} />
      <p className="about">{about}</p>
      <SettingsTable place={{ kind }} />
    </>
  );
}
