// SPDX-License-Identifier: Apache-2.0
// The only time that a secret is there.
import { Icon } from "./icon";
import { PanelActions, useHeldPanel } from "./panel";
import { Sid } from "./values";

export function SecretOnce({
  made,
  onClose,
}: {
  made: { sid: string; secret: string };
  onClose: () => void;
}) {
  useHeldPanel(true);
  return (
    <>
      <div className="note busy" role="status">
        <Icon name="key" />
        <div>
          <strong>Copy the secret now. It is not shown again.</strong>
        </div>
      </div>
      <dl className="facts">
        <div>
          <dt>SID</dt>
          <dd>
            <Sid copy>{made.sid}</Sid>
          </dd>
        </div>
        <div>
          <dt>Secret</dt>
          <dd>
            <Sid copy>{made.secret}</Sid>
          </dd>
        </div>
      </dl>
      <PanelActions>
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </PanelActions>
    </>
  );
}
