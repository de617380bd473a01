/** One screen of the platform: the account, its use, and its latest things with their owners and events, from all five subgraphs. */
export const JOINED_QUERY = /* GraphQL */ `
  query Joined {
    me {
      email
      usage {
        overview {
          totalRequests
          topServices {
            service
            count
          }
          consumption {
            tokensIn
            tokensOut
            usd
          }
        }
        costs {
          provider
          model
          requests
          usd
        }
      }
      images(first: 3) {
        edges {
          node {
            prompt
            imageUrl
            owner {
              email
            }
            event {
              latencyMs
              status
              owner {
                role
              }
            }
          }
        }
      }
      summaries(first: 3) {
        edges {
          node {
            text
            owner {
              email
            }
            event {
              latencyMs
              status
              owner {
                role
              }
            }
          }
        }
      }
      chatSessions(first: 3) {
        edges {
          node {
            title
            turnCount
            owner {
              email
            }
          }
        }
      }
    }
  }
`;
