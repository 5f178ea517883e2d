// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type FormEvent, useEffect, useRef, useState } from "react";
import type { CreatedApp } from "../api/client";
import { MAX_BUNDLE_BYTES, upload } from "../api/upload";
import { ProblemNote } from "../components/feedback";
import { Field } from "../components/fields";
import { Icon } from "../components/icon";
import { Panel, PanelActions, useHeldPanel } from "../components/panel";
import { useToast } from "../components/toast";
import { bytesText, nameOf } from "../components/values";

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

interface FileChoiceProps {
  file: File | null;
  disabled: boolean;
  onChoose: (file: File) => void;
}

function FileChoice({ file, disabled, onChoose }: FileChoiceProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped && !disabled) onChoose(dropped);
  };
  return (
    <div
      className="drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      {file === null ? (
        <p>Drop the bundle (.zip) here, or choose it:</p>
      ) : (
        <p>
          <strong>{file.name}</strong> <span className="quiet-text">{bytesText(file.size)}</span>
        </p>
      )}
      <button type="button" className="button" disabled={disabled} onClick={() => input.current?.click()}>
        Browse
      </button>
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label="Bundle file"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          if (chosen) onChoose(chosen);
          event.target.value = "";
        }}
      />
    </div>
  );
}

function UploadForm({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [progress, setProgress] = useState(0);
  const [warnings, setWarnings] = useState<CreatedApp | null>(null);
  const key = useRef(newKey());
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const sending = useMutation({
    mutationFn: (chosen: File) => {
      setProgress(0);
      return upload({
        file: chosen,
        uniqueName: name.trim(),
        idempotencyKey: key.current,
        onProgress: setProgress,
        signal: abort.current.signal,
      });
    },
    onSuccess: async (app) => {
      await queries.invalidateQueries({ queryKey: ["apps"] });
      void queries.invalidateQueries({ queryKey: ["account"] });
      toast(`${nameOf(app)} was uploaded`);
      if (app.warnings.length > 0) setWarnings(app);
      else onClose();
    },
  });
  useHeldPanel(sending.isPending);
  const change = (set: () => void) => {
    // Another file or name is another upload.
    key.current = newKey();
    sending.reset();
    set();
  };
  const tooLarge = file !== null && file.size > MAX_BUNDLE_BYTES;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null) sending.mutate(file);
  };
  if (warnings !== null) {
    return (
      <>
        <div className="note busy" role="status">
          <Icon name="alert" />
          <div>
            <strong>{nameOf(warnings)} was uploaded. Worth knowing:</strong>
            {warnings.warnings.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
          </div>
        </div>
        <PanelActions>
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </PanelActions>
      </>
    );
  }
  return (
    <form onSubmit={submit}>
      <FileChoice
        file={file}
        disabled={sending.isPending}
        onChoose={(chosen) => change(() => setFile(chosen))}
      />
      {tooLarge && !sending.isError && (
        <p className="hint">
          Application bundles must be 64 MB ({MAX_BUNDLE_BYTES.toLocaleString("en")} bytes) or less; this file
          has {file.size.toLocaleString("en")} bytes and will be refused.
        </p>
      )}
      <Field
        label="Unique Name"
        value={name}
        maxLength={64}
        disabled={sending.isPending}
        onChange={(event) => change(() => setName(event.target.value))}
        hint="Optional. A memorable name of this very build, for example blink-1.4.2."
      />
      {sending.isPending && (
        <div className="sending">
          <progress value={progress} max={1} aria-label="Upload" />
          <span role="status">
            {progress < 1 ? `${Math.round(progress * 100)} % sent` : "Sent. The cloud is checking it…"}
          </span>
        </div>
      )}
      {sending.isError && <ProblemNote error={sending.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={file === null || sending.isPending}>
          {sending.isError ? "Try again" : "Upload Application Bundle"}
        </button>
      </PanelActions>
    </form>
  );
}

export function UploadPanel({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Panel title="Upload Application Bundle" open={open} onClose={onClose}>
      <UploadForm onClose={onClose} />
    </Panel>
  );
}
