// SPDX-License-Identifier: Apache-2.0
// Uploading a bundle with progress, which fetch() does not tell.
import { OWN_PAGE, type CreatedApp, Refusal, refusalOf } from "./client";

export const MAX_BUNDLE_BYTES = 67_108_864;

export interface UploadRequest {
  file: File;
  uniqueName: string;
  /** The same for another try, so that no second app comes of it. */
  idempotencyKey: string;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

export function upload({
  file,
  uniqueName,
  idempotencyKey,
  onProgress,
  signal,
}: UploadRequest): Promise<CreatedApp> {
  if (file.size > MAX_BUNDLE_BYTES) {
    return Promise.reject(new Refusal(413, 20413, "the file is larger than 67108864 bytes"));
  }
  const body = new FormData();
  if (uniqueName !== "") body.append("UniqueName", uniqueName);
  body.append("File", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/Apps");
    request.responseType = "json";
    for (const [name, value] of Object.entries(OWN_PAGE)) request.setRequestHeader(name, value);
    request.setRequestHeader("Idempotency-Key", idempotencyKey);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201) resolve(request.response as CreatedApp);
      else reject(refusalOf(request.status, request.response, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () =>
      reject(
        new Refusal(
          0,
          0,
          "the connection broke before the upload was done; trying again makes no second app of it",
        ),
      );
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
