import 'reflect-metadata';
import { InjectInstellixClient, InstellixClient, InstellixModule } from '@instellix/nestjs-module';
import { provideInstellixClient } from '@instellix/nestjs-module/testing';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';

@Injectable()
class Customers {
  constructor(
    private readonly client: InstellixClient,
    @InjectInstellixClient('billing') readonly billing: InstellixClient,
  ) {}

  async list(): Promise<unknown> {
    return (await this.client.fetch('/customers')).json();
  }
}

describe('Customers', () => {
  it('returns the response of the API', async () => {
    const module = await Test.createTestingModule({
      imports: [
        InstellixModule.forRoot({
          name: 'billing',
          environment: 'sandbox',
          realm: 'r',
          clientId: 'c',
          clientSecret: 's',
        }),
      ],
      providers: [
        Customers,
        provideInstellixClient({ token: 'test', fetch: ({ headers }) => Response.json(headers.get('authorization')) }),
      ],
    }).compile();
    expect(await module.get(Customers).list()).toBe('Bearer test');
    expect(module.get(Customers).billing.environment.name).toBe('sandbox');
    await module.close();
  });
});
