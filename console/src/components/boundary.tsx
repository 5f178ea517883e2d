// SPDX-License-Identifier: Apache-2.0
// What is there in place of a page that failed to draw, or whose file no longer exists because the cloud was upgraded.
import { Component, type ReactNode } from "react";
import { Icon } from "./icon";

interface BoundaryState {
  error: unknown;
}

/** Give it a key that changes with what it holds, so that another page is tried anew. */
export class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error: error ?? new Error("unknown") };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const lost = /dynamically imported module|module script|Unable to preload/i.test(String(error));
    return (
      <div className="failure">
        <div className="note bad" role="alert">
          <Icon name="alert" />
          <div>
            <h1>{lost ? "This page could not be fetched" : "This page could not be drawn"}</h1>
            <p>
              {lost
                ? "The cloud is away, or was upgraded since the console was opened. Load the console again."
                : "Load the console again; if it stays so, report it with the words below."}
            </p>
            <p className="fine">{String(error)}</p>
          </div>
        </div>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          Load again
        </button>
      </div>
    );
  }
}
